"""Built-in plugin logrotator: the agent renames the log files every night.

One process renames; the others reopen their files on the message `log-reload`. If that message is
lost, they notice the new name at their next flush.

    agent.py         creates `agent.logrotator` and runs it every night
    app.py           reopens the log files of a worker
    section.py       the section `logrotator` of the config
    rotator.py       renames the files, has all processes reopen them, removes old files
    record.py        the rotation in progress, stored for a restarted agent
    retention.py     finds renamed files that are too old
    reopening.py     reopens the log files of a process on `log-reload`
    daily_timer.py   calls a function at a time of day
"""
