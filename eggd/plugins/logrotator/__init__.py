"""Built-in plugin logrotator: the agent renames log files by day, by hour and by size.

One process renames; the others reopen their files on the message `log-reload`. If that message is
lost, they notice the new name at their next flush. Renamed files are compressed once no process
writes to them, and removed when they are too old or too many.

    agent.py            creates `agent.logrotator` and runs it at its times
    app.py              reopens the log files of a worker
    section.py          the section `logrotator` of the config
    on_command.py       answers `eggd logs rotate` and `eggd logs reopen`
    log_rotator.py      `LogRotator`, the base of rotations of an app's own
    rotator.py          renames the files, has all processes reopen them, removes old files
    renaming.py         renames files, shifts those with numbers
    record.py           the rotation in progress, stored for a restarted agent
    reload.py           sends `log-reload` and waits for the answers
    reopening.py        reopens the log files of a process on `log-reload`
    storage.py          compresses renamed files, removes the oldest beyond a size
    compression.py      replaces a file by a compressed one
    rotated.py          finds the renamed files of log files
    rotated_name.py     reads the name of a renamed file
    retention.py        finds renamed files that are too old
    calendar_timer.py   calls a function at a time of each day or hour
"""

from __future__ import annotations

from eggd.plugins.logrotator.log_rotator import LogRotator

__all__ = ["LogRotator"]
