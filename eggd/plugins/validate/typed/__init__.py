"""Checks data by annotations.

decode.py       the function that checks a value, and its result for a wrong one
annotations.py  annotations to functions
scalars.py      text, numbers, dates
containers.py   lists, tuples, sets, dicts
choices.py      Literal, Enum and unions
objects.py      dataclasses and TypedDicts
"""
