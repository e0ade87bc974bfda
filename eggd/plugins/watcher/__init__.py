"""watcher: the agent says in its log when a file of the app's config has changed.

Nothing is reloaded by itself: what a server runs changes when its operator says so.
"""
