"""diagnosis: the checks of `eggd doctor`, one file for each subject.

    finding.py    one line of the result, and the host that is looked at
    packages.py   Python, systemd, and the libraries that eggd needs
    kernel.py     limits and sysctls
    machine.py    disk space and the clock
    units.py      the unit files: installed, edited, overridden, enabled
    serving.py    /etc/default/eggd, the app and its interpreter, the log directory
    listener.py   who holds the port
    suite.py      problems of the running suite, as in `eggd status`

Each has functions from `Place` to findings. Nothing is changed, no code of an app is run, and what
the caller may not see is a finding of its own.
"""
