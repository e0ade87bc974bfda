"""Built-in plugin schedule: the agent runs jobs of `app/schedule/` at their times, in the workers.

agent.py        makes `agent.schedule`
app.py          loads the jobs of a worker
app/extend      `app.run_schedule` and `app.schedules`
section.py      the section `schedule` of the config
loading.py      finds and loads the files of jobs
job.py          one job: its file, options and function
options.py      the options of a job, checked
cautions.py     times that are probably a mistake
places.py       the line of a file that sets an option
planner.py      `agent.schedule`: jobs, strategies and timers
strategy.py     when a job of a type is due, and which workers run it
job_timer.py    the ticks of one job
dispatcher.py   sends runs to workers and follows them
record.py       ticks and runs, stored for a restarted agent
runner.py       runs jobs in a worker
cron.py         the times at which a cron expression is due
cron_fields.py  a cron expression as the values that match
zone.py         the offsets of a time zone
"""

from __future__ import annotations

from eggd.plugins.schedule.strategy import ScheduleStrategy, TimerScheduleStrategy

__all__ = ["ScheduleStrategy", "TimerScheduleStrategy"]
