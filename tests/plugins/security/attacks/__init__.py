"""Attacks on an app with the plugin security, over raw sockets and in a browser."""
