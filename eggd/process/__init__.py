"""process: to be described by its owner."""
