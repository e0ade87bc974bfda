"""app: to be described by its owner."""
