"""The rules of a suite of processes, without I/O: names, order, time limits, reload policy.

slots.py          unit names and worker slots
files.py          the names of the files in the runtime directory
requests.py       what a rule may request, and how its requests are executed
start.py          the order of a start and a stop
scale.py          a change of the number of workers
reload.py         the replacement of the workers, one at a time
address.py        the address of the listener
wording.py        the words of what is reported
backoff.py        the delay of a worker after failed boots
close_timeout.py  how long a process may take to stop
identity.py       which application a process runs
reload_policy.py  which changed files mean a reload
variables.py      the EGG_* variables that eggd reads
"""
