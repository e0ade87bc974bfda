"""Masks secrets before text or values are written or shown.

secrets.py  recognises secrets in text by their names and shapes
known.py    masks the values of credentials
quoting.py  cuts long values that an error quotes
redact.py   copies values as plain JSON data without secrets
"""
