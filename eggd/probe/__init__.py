"""Loads an app to examine it, without serving, for the command line.

check.py   loads an app and returns its parts; raises the error that would stop a start
listen.py  prints the address in an app's config; the command line runs it as a subprocess
"""
