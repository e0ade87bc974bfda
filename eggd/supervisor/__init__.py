"""Runs a suite without systemd, on a laptop or in a container. Linux only.

It reads the same unit files, hands over sockets and environment, receives readiness, and restarts
dead processes by the same rules, so agent and workers behave as under systemd.

    directives.py       supported and ignored directives of unit files; all others are refused
    units.py            unit files -> plans of services and sockets
    settings.py         what one supervisor runs
    sockets.py          a plan of a socket -> the open socket
    held_sockets.py     the listener and the agent's inbox
    launcher.py         a plan of a service -> command, sockets and environment
    child.py            one process: spawned as systemd does it, signalled, reaped
    notify_listener.py  notify socket, outputs and ends of all processes
    process_end.py      the consequences of how a process ended, without I/O
    service.py          one unit: start, ready, watchdog, stop, restart
    services.py         the units of a suite
    joint_start.py      several units started at once, and the first failure
    executor.py         the requests of the suite's rules (eggd/suite)
    supervisor.py       the suite: start, scale, reload, stop
    coalescer.py        one reload for several requests
    guard.py            ends the processes when the supervisor itself is killed
    merged_output.py    writes the output lines of all processes
    control.py          the control socket of the command line
    rundir.py           chooses the runtime directory, outside the app's folder
    pidfile.py          pid file and lock: one suite per app, found by folder or title
    runtime_files.py    recreates files that are removed from the runtime directory
    inotify.py          watches for removed files
    enabled.py          the enabled workers
    cpus.py             the default number of workers
    foreground.py       the main of `eggd start`
    daemonize.py        the same in the background, with python-daemon's context
    developing.py       the main of `eggd dev`
    app_watcher.py      watches the app's files while its agent cannot

It imports only the base layer, and never code of an app: a broken app cannot break it. It has no
sandbox, users or cgroups; leftover processes are found by their group and INVOCATION_ID.
"""
