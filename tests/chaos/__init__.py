"""`make chaos`: faults on booted hosts under an open-loop load, and what clients see of them.

- `load.py` sends the requests, at their time whatever the server does (open loop)
- `answers.py` evaluates the answers: failures by kind, percentiles of windows
- `trial.py` is one host under load, with the actions and the windows of a row
- `numbered.py` has all processes write lines and send messages, and counts the lost ones
- `rows.py` has the faults of the table, each with what it requires; the longer ones are in
  `releases.py`, `clock.py`, `neighbour.py` and `hostile.py`
- `soak.py` repeats the faults in random order; `growth.py` reads what processes use meanwhile
- `__main__.py` runs the rows on Debian 12 and 13, and `table.py` prints the results
"""
