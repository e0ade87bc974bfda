"""Config of the welcome app: nothing differs from the framework's defaults."""
