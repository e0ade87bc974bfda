"""Built-in plugin watcher: the agent logs each change of the app's config files.

It does not reload: the operator decides when a server runs a changed config.
"""
