"""wire: to be described by its owner."""
