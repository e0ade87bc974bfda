"""The logger of requests, `app.get_logger("access_logger")`."""

logger = {
    "custom_logger": {
        "access_logger": {"file": "access.log"},
    }
}
