"""http: to be described by its owner."""
