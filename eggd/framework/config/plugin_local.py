"""The built-in plugins of env local, after the others."""

access_log = True
development = {"package": "eggd.plugins.development"}
