"""The operator's side on a host that systemd runs.

systemctl.py    systemctl and journalctl: arguments in, values out
unit_state.py   the state of a unit, as systemctl prints it
journal.py      the story of one start, out of the journal
applications.py   the named applications of this host
master.py       what egg-master.service runs
executor.py     the requests of the suite's rules (eggd/suite), with systemctl
drain.py        takes the host out of its load balancer while a release is switched
reload_lock.py  the lock that reloads and trials of a release hold
drop_in.py      writes a drop-in of a unit
unit_files.py   the files of a unit, and their digest
ignored_lines.py  the lines of drop-ins that systemd ignores
loaded_units.py   whether systemd has read the files of units
jobs.py         several units started at once
relisten.py     the address of egg.socket
enabled.py      the enabled slots
inbox.py        checks the agent's inbox
credentials.py  certificate and key from systemd
unit_credentials.py    the credentials that the units load
credential_store.py    sets and removes the credentials of a host
credential_folder.py   the same without systemd
handed_credentials.py  gives a command of root the credentials of the units
sandbox.py      the drop-ins that allow the app more; system_calls.py has names for them
defaults.py     /etc/default/eggd
venv.py         the app's own virtual environment
suite_url.py    the URL of the suite on this host
release/        the releases of an application, and the switch between them
"""
