"""testing: to be described by its owner."""
