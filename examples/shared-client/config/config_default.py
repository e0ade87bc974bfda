import os

flags = {
    "redis": os.environ.get("FLAGS_REDIS", "redis://127.0.0.1:6379/0"),
    "watch": ["banner", "beta"],
}
security = {"level": "strict"}  # a client without cookies needs no token
