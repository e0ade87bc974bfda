"""diagnosis: what `eggd doctor` looks at, a file for each kind of thing.

    finding.py    one line of the result, and the host that is looked at
    packages.py   Python, systemd, and the libraries that eggd needs
    kernel.py     limits and sysctls
    machine.py    disk space and the clock
    units.py      the unit files: installed, edited, overridden, enabled
    serving.py    /etc/default/eggd, the app and its interpreter, the log directory
    listener.py   who holds the port
    suite.py      what `eggd status` says of the running suite

Each has functions from `Place` to findings. Nothing is changed, no code of an app is run, and what
the caller may not see is a finding of its own.
"""
