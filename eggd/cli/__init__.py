"""cli: to be described by its owner."""
