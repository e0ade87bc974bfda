"""Reads the log files of a suite as one stream of entries, in the order of time, for `eggd logs`.

entry.py          one entry, and how a line becomes one
place.py          the app, or the suite of this host, whose logs the commands are about
folder.py         the folder of the log files, and which files are in it
reading.py        the entries of a file, also of a compressed one, and of its renamed files
merging.py        the entries of all files in the order of time, each once
window.py         puts late entries in the order of time
opening.py        an open file, also of one that was renamed or compressed meanwhile
unreadable.py     the error for logs that the user of the command may not read
following.py      new entries, also after a rotation
journal.py        what only the journal has: messages of systemd and of failing starts
choice.py         which entries are shown: level, trace, time, text
reopening.py      asks the agent to rotate the files, or to have them opened again
"""
