"""Developers see the count."""

visits = {"header": "X-Visits"}
