"""The logger of schedules, `app.get_logger("schedule_logger")` (process:SCH-50)."""

logger = {
    "custom_logger": {
        "schedule_logger": {"file": "egg-schedule.log", "console_level": "NONE"},
    }
}
