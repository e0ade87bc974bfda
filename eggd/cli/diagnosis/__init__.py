"""The checks of `eggd doctor`, a module for each subject.

    finding.py    a finding, and the host that is inspected
    packages.py   Python, systemd, and the libraries that eggd needs
    kernel.py     limits and sysctls
    machine.py    disk space and the clock
    units.py      the unit files: installed, edited, overridden, enabled
    dropins.py    drop-ins: lines that systemd ignores, the limit of open files
    serving.py    /etc/default/eggd, the app and its interpreter, the log directory
    listener.py   the process that holds the port
    suite.py      problems of the running suite, as in `eggd status`

Each check is a function from `InspectedHost` to findings. A check changes nothing and runs no code
of an app; a file that the caller may not read is reported as a finding.
"""
