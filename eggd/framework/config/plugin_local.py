"""The built-in plugins of env local, after the others."""

development = {"package": "eggd.plugins.development"}
