"""config: one tree of values, each with the file that set it."""
