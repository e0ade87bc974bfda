"""cli: the command `eggd`, the only part that talks to a person.

    table.py      the commands, in one table; `eggd --help` is made of it
    main.py       click's group over that table, and what errors and exit codes look like
    nearest.py    a group that names the nearest command, and is listed without importing any
    found.py      commands of apps, plugins and packages: listed by where they lie
    branch.py     the same as groups of click; perform.py runs one
    target.py     which app a command is about
    backend.py    who runs the suite: systemd (suite.py), or a supervisor of ours (local.py)
    launch.py     what `start` and `dev` hand to that supervisor, from flags and files (options.py)
    view.py       what `status` shows: the agent's file, and for root systemctl's view of it
    pytest_run.py what `test` and `cov` hand to pytest; covering.py is what `cov` becomes
    diagnosis/    what `doctor` looks at, a file for each kind of thing
    templates/    what `eggd init` copies
    progress.py   a line for whatever takes more than a second
    <name>.py     one file per command; loaded when that command runs, and only then

`--help` imports nothing of an app: it has to answer at once.
"""
