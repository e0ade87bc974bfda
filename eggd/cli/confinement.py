"""Runs the code of an app for root: in a child, as the units' user and without a terminal.

A process on root's terminal can type into root's shell (TIOCSTI, ioctl_tty(2)), and a process with
root's descriptors can use them. So the child leads a new session, which has no controlling
terminal, its input is /dev/null, its output goes to two pipes, and it inherits nothing else. It
runs the same command line; its output is shown as text with control characters escaped.

    EGGD_CONFINED=PID:DIR   in the child: its parent, and the app's folder
    EGGD_USER=NAME          in root's environment: the user to run as, instead of the units'
"""

from __future__ import annotations

import ctypes
import os
import pwd
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from eggd.cli.relay import Bounds, relay
from eggd.errors import DirectoryError, ProgramError
from eggd.suite.names import SuiteNames

MARK, NAME = "EGGD_CONFINED", "EGGD_USER"

UMASK = 0o027
"""The umask of the child: no access for other users, as for the logs of the units."""

KEPT = (
    *("PATH", "LANG", "LANGUAGE", "TZ", "TERM", "COLUMNS", "LINES", "NO_COLOR", "CI"),
    *("PYTHONPATH", "PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE", "TESTS", "TEST_TIMEOUT"),
    *("COV_EXCLUDES", "GIT_DIR", "GIT_WORK_TREE", "RUNTIME_DIRECTORY"),
)
"""Variables of root's environment that are passed to the child."""
KEPT_PREFIXES = ("LC_", "EGG_", "EGGD_", "_EGGD_", "COMP_", "PYTEST_")
"""Prefixes of further variables that are passed."""

_NO_NEW_PRIVS, _PDEATHSIG = 38, 1
"""Constants of prctl(2)."""


def confining_folder() -> Path | None:
    """Returns the app's folder if this process is such a child, else None."""
    parent, _, folder = os.environ.get(MARK, "").partition(":")
    mine = parent == str(os.getppid()) and os.getsid(0) == os.getpid()
    return Path(folder) if mine and folder else None


def settle() -> None:
    """Drops the privileges of such a child and changes to the app's folder.

    Does nothing in any other process. Raises DirectoryError if it may not be entered.
    """
    folder = confining_folder()
    if folder is None:
        return
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if prctl(_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise ProgramError(f"prctl(PR_SET_NO_NEW_PRIVS): {os.strerror(ctypes.get_errno())}")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        os.chdir(folder)
    except OSError as exc:
        name = pwd.getpwuid(os.geteuid()).pw_name
        if isinstance(exc, NotADirectoryError):
            raise DirectoryError(f"app directory {str(folder)!r} is not a directory") from exc
        raise DirectoryError(
            f"app directory {str(folder)!r} does not exist or cannot be read",
            hint=f"user {name} may not enter it" if isinstance(exc, PermissionError) else "",
        ) from exc


def hand_over(
    base_dir: Path, settings: Mapping[str, str], more: Sequence[str], bounds: Bounds
) -> int:
    """Runs this command line, with `more` arguments added, in such a child; returns its exit code.

    Raises ProgramError if the user does not exist, or the child exceeds its bounds.
    """
    user = child_user()
    try:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "eggd", *sys.argv[1:], *more],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=_environment(user, base_dir, settings),
            start_new_session=True,
            close_fds=True,
            umask=UMASK,
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=os.getgrouplist(user.pw_name, user.pw_gid),
        )
    except OSError as exc:
        raise ProgramError(
            f"user {user.pw_name} cannot run {sys.executable}: {exc.strerror}",
            hint=f"install eggd where that user can read it, or set {NAME} to another user",
        ) from exc
    return relay(child, base_dir, bounds)


def child_user() -> pwd.struct_passwd:
    """Returns the user of such a child; raises ProgramError if it does not exist."""
    name = os.environ.get(NAME) or SuiteNames.chosen(os.environ).user
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise ProgramError(
            f"user {name} does not exist, and root does not run the code of an app",
            hint=f"set {NAME} to the user that should run it, or run this command as that user",
        ) from None


def _environment(
    user: pwd.struct_passwd, base_dir: Path, settings: Mapping[str, str]
) -> dict[str, str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key in KEPT or key.startswith(KEPT_PREFIXES)
    }
    user_variables = {"HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name}
    return {**kept, **settings, **user_variables, MARK: f"{os.getpid()}:{base_dir}"}
