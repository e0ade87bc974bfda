"""Answers to errors: in prod, for developers, of the app's own handlers, and under attack."""
