"""log: to be described by its owner."""
