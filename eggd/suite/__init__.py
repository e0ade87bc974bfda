"""The rules of a suite of processes, without I/O: names, order, time limits, reload policy.

metrics.py        the figures that a worker reports for metrics
names.py          the names of units, user and directories of an application
slots.py          worker slots
unit_text.py      the unit files of a named application
files.py          the names of the files in the runtime directory
requests.py       what a rule may request, and how its requests are executed
start.py          the order of a start and a stop
scale.py          a change of the number of workers
reload.py         the replacement of the workers, one at a time
min_ready.py      the pause of a reload after each READY=1
address.py        the address of the listener
wording.py        the words of what is reported
backoff.py        the delay of a worker after failed boots
restart.py        why a process was started again
recycle.py        when a worker has reached a limit
close_timeout.py  how long a process may take to stop
identity.py       which application a process runs
reload_policy.py  which changed files mean a reload
variables.py      the EGG_* variables that eggd reads
directories.py    the directories that systemd makes for a unit
"""
