"""plugins: to be described by its owner."""
