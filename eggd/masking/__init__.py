"""Secrets: recognised by name and by shape, replaced before anything is written or shown.

secrets.py  names and shapes of secrets, in text
redact.py   values copied as plain JSON data, without secrets
"""
