"""The plugin static."""
