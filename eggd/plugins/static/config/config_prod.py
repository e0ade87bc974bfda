"""Files of a release do not change: they are kept in memory, and in browsers (core:ST-2)."""

static = {"max_age": 31536000, "buffer": True}
