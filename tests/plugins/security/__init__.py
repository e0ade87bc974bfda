"""The plugin security."""
