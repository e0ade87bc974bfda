"""supervisor: systemd's part on hosts without systemd, a laptop or a container. Linux only.

It reads the very files in units/, hands over sockets and environment, hears readiness, and repairs
deaths by the same rules; agent and workers do not know the difference.

    directives.py  what of a unit file is obeyed, what does not apply here; the rest is refused
    units.py       the unit files -> plans of services and sockets
    sockets.py     a plan of a socket -> the open socket
    child.py       one process: spawned as systemd does it, signalled, reaped with all it left
    ears.py        notify socket, outputs and ends of all processes, on one loop
    policy.py      what follows from how a process ended: pure
    service.py     one unit's life: start, ready, watchdog, stop, restart
    boots.py       several units started at once, and the first failure
    reloading.py   the roll of a reload
    renewal.py     new workers when the agent asks for them
    supervisor.py  the suite: order, scale, reload, shutdown
    guard.py       what ends the processes when the supervisor itself is killed
    journal.py     everybody's lines, merged
    control.py     what the command line talks to: a Unix socket
    rundir.py     chooses the runtime directory, outside the app's folder
    pidfile.py    pid file and lock: one suite per app, found by folder or title
    upkeep.py     recreates files that are removed from the runtime directory
    inotify.py    watches for removed files
    enabled.py     which workers are to run
    daemonize.py   python-daemon's context

What it must not know: any code of an app, of config, of a loader. It rests on the ground alone, so
a broken app cannot break what restarts it. It does not have the sandbox, users or cgroups: leftover
processes are found by their group and their INVOCATION_ID.
"""
