"""The rules of a suite of processes, whoever runs it: names, order, time limits, reload policy.

slots.py      unit names, worker slots, the order of a reload
variables.py  the EGG_* variables that eggd reads
closing.py    how long a process may take to stop
backoff.py    the delay of a worker after failed starts
identity.py   which application a process runs
reload.py     which changed files mean a reload
sources.py    Python code outside the watched folders
"""
