"""loader: to be described by its owner."""
