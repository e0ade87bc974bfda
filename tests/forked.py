"""The server of tests/forkserver.py, and the processes that it forks.

    server -> watcher -> command -> reserve

The watcher waits for the command and reports its exit code. The reserve becomes the process that
the command starts for the code of an app (eggd/cli/confinement.py): it is forked before the
command has run anything, and ends with it.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import eggd

PROGRAMS = ("eggd.__main__", "eggd.host.master", "eggd.cli.coverage_run")
"""Modules that are run as programs, and so must not be imported before."""
LEFT_OUT = ("eggd.plugins.", "eggd.probe.", "eggd.testing.", "eggd.welcome", "eggd.cli.templates")
"""Modules that the loader of an app or a user of eggd imports."""
LIBRARIES = ("uvloop", "jinja2", "tornado.web", "tornado.httpserver", "rich.console", "rich.table")
MOST = 1 << 20
"""Bytes of a request."""


def import_all() -> None:
    """Imports what commands use, except plugins."""
    for found in pkgutil.walk_packages(eggd.__path__, "eggd."):
        if not f"{found.name}.".startswith(LEFT_OUT) and found.name not in PROGRAMS:
            import_module(found.name)
    for name in LIBRARIES:
        import_module(name)
    gc.freeze()


def serve(connection: socket.socket) -> str:
    """Answers requests; returns the name of the module in each process that is to run one."""
    own = {key: os.environ[key] for key in ("LC_CTYPE",) if key in os.environ}  # PEP 538
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the watchers
    while True:
        try:
            data, fds, _, _ = socket.recv_fds(connection, MOST, 4)
        except KeyboardInterrupt:  # of the whole run, which shows what has failed so far
            os._exit(130)
        if not data:
            os._exit(0)
        if os.fork() == 0:
            connection.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            *streams, status = fds
            watch(streams, status)
            request = json.loads(data)
            request["environ"] = {**own, **request["environ"]}
            return prepare(request, streams)
        for fd in fds:
            os.close(fd)


def watch(streams: list[int], status: int) -> None:
    """Returns in the process of the command; this one reports its pid and exit code, and ends."""
    command = os.fork()
    if command == 0:
        os.close(status)
        return
    os.write(status, f"{command} ".encode())
    for fd in (*streams, 0, 1, 2):
        os.close(fd)
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    os.write(status, str(code).encode())
    os._exit(0)


def prepare(request: dict[str, Any], streams: list[int]) -> str:
    """Makes this process what a new one would be; returns the name of its module."""
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    reserve = os.fork()
    if reserve == 0:
        mine.close()
        for fd in streams:
            os.close(fd)
        return await_turn(theirs)
    theirs.close()
    replace_fork(mine, reserve)
    redirect(streams)
    os.chdir(request["folder"])
    os.umask(request["umask"])
    become(request["argv"], request["environ"])
    return str(request["module"])


def redirect(streams: list[int]) -> None:
    """Makes descriptors the standard ones."""
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
        if fd > 2:
            os.close(fd)


def become(argv: list[str], environ: dict[str, str]) -> None:
    """Sets arguments and environment."""
    sys.argv[:] = argv
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()


def replace_fork(reserve: socket.socket, pid: int) -> None:
    """Has the first child of the same program be the reserve, with all that Popen asks for."""
    fork_exec: Callable[..., int] = getattr(subprocess, "_fork_exec")  # noqa: B009
    program = [os.fsencode(each) for each in (sys.executable, "-P", "-m", "eggd")]

    def choose(*args: Any) -> int:
        argv = [os.fsencode(each) for each in args[0]]
        chosen = [args[at] for at in (4, 5, 15, 17, 18, 19, 20)]
        fds = [args[at] for at in (6, 9, 11, 13)]
        inherits = None in chosen or min(fds) < 0  # as only the start for an app's code does not
        if argv[:4] != program or inherits or reserve.fileno() < 0:
            return fork_exec(*args)
        cwd, env, session, gid, groups, uid, umask = chosen
        request = {
            "argv": ["-m", *map(os.fsdecode, argv[4:])],
            "environ": dict(os.fsdecode(each).split("=", 1) for each in env),
            "folder": os.fsdecode(cwd),
            **{"session": session, "gid": gid, "groups": groups, "uid": uid, "umask": umask},
        }
        with reserve:
            socket.send_fds(reserve, [json.dumps(request).encode()], fds)
        return pid

    setattr(subprocess, "_fork_exec", choose)  # noqa: B010


def await_turn(connection: socket.socket) -> str:
    """Returns in a process that the command started; it ends where the command does not."""
    null = os.open(os.devnull, os.O_RDWR)
    redirect([os.dup(null), os.dup(null), null])
    with connection:
        data, fds, _, _ = socket.recv_fds(connection, MOST, 4)
    if not data:
        os._exit(0)
    request = json.loads(data)
    *streams, failure = fds
    try:
        redirect(streams)
        os.chdir(request["folder"])
        os.umask(request["umask"])
        if request["session"]:
            os.setsid()
        os.setgroups(request["groups"])
        os.setregid(request["gid"], request["gid"])
        os.setreuid(request["uid"], request["uid"])
    except OSError as exc:
        os.write(failure, f"OSError:{exc.errno:X}:".encode())  # as subprocess reads it
        os._exit(255)
    os.close(failure)
    become(request["argv"], request["environ"])
    return "eggd"


def run(module: str) -> int:
    """Runs a module as the program, and returns the exit code."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as exc:
        if exc.code is None or isinstance(exc.code, int):
            return exc.code or 0
        print(exc.code, file=sys.stderr)
        return 1
    return 0


def end(code: int) -> None:
    """Ends this process without freeing what it shares with the server: that would copy it all."""
    getattr(threading, "_shutdown")()  # noqa: B009
    getattr(atexit, "_run_exitfuncs")()  # noqa: B009
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    import_all()
    with socket.socket(fileno=int(sys.argv[1])) as own_end:
        chosen = serve(own_end)
    end(run(chosen))
