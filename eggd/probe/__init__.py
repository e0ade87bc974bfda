"""Loads an app to examine it, without serving, for the command line.

check.py   what an app consists of, or the error at which a start would fail
listen.py  the address in an app's config; run in a process of its own
"""
