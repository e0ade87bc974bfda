"""A Unix socket to listen on, as a file: its path, its owner and its access mode."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import re
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

from eggd.accounts import group_name, user_name
from eggd.spelling import suggestion

MODE = 0o660
"""Access mode of a listener's file unless another is chosen: owner and group may connect."""

_MODE = re.compile(r"0?[0-7]{3}", re.ASCII)
_WRITABLE = 0o222
"""Connecting to a Unix socket needs permission to write (unix(7))."""
_PLAIN = re.compile(r"/[A-Za-z0-9/._@+-]+", re.ASCII)
"""Paths that mean the same in a unit file, in nginx and in HAProxy: no blank, colon or `%`."""
_HIDDEN = ("/home", "/root", "/run/user", "/dev", "/proc", "/sys")
"""Directories that the units do not see, or that are not for files of a service."""


@dataclass(frozen=True, slots=True)
class Access:
    """Owner and access mode of a listener's file."""

    user: str = ""
    """Name of the user; empty: not changed."""
    group: str = ""
    """Name of the group; empty: not changed."""
    mode: int = MODE

    def __str__(self) -> str:
        return f"owner {self.user}:{self.group}, mode {self.mode:04o}"


def identity(path: str) -> tuple[int, int] | None:
    """Returns device and inode of a Unix socket's file; None without a file."""
    try:
        about = os.lstat(path)
    except OSError:
        return None
    return about.st_dev, about.st_ino


def parse_access(owner: str | None, mode: str | None, default: Access | None = None) -> Access:
    """Returns the access for the values of `--owner` and `--mode`; None: that of `default`.

    Raises ValueError with the option's name for a value that does not exist or is malformed.
    """
    default = default or Access()
    user, group = default.user, default.group
    if owner is not None:
        user, group = _owner(owner, default)
    return Access(user, group, default.mode if mode is None else _mode(mode))


def _owner(text: str, default: Access) -> tuple[str, str]:
    user, colon, group = text.partition(":")
    if not (user or group) or (colon and not group):
        raise ValueError(f"--owner: {text!r} must be USER, USER:GROUP or :GROUP")
    if user and user not in (users := {each.pw_name: each.pw_gid for each in pwd.getpwall()}):
        raise ValueError(_unknown(user, "user", users))
    if group and group not in (groups := [each.gr_name for each in grp.getgrall()]):
        raise ValueError(_unknown(group, "group", groups))
    if user and not group:
        group = _group_of(user)
    return user or default.user, group


def _group_of(user: str) -> str:
    try:
        return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    except KeyError:
        raise ValueError(f"--owner: the group of user {user!r} has no name") from None


def _unknown(name: str, kind: str, known: object) -> str:
    names = [str(each) for each in known] if isinstance(known, (list, dict)) else []
    hint = suggestion(name, names)
    return f"--owner: {kind} {name!r} does not exist" + (f" ({hint})" if hint else "")


def _mode(text: str) -> int:
    if not _MODE.fullmatch(text):
        raise ValueError(f"--mode: {text!r} must be an octal number from 0200 to 0777, such as 660")
    mode = int(text, 8)
    if not mode & _WRITABLE:
        raise ValueError(f"--mode: with {text!r} no user may connect, which needs a write bit")
    return mode


def check_place(path: str) -> str:
    """Returns the path of a listener for the units of this host, symlinks of its folder resolved.

    Raises ValueError if the units cannot use the path or if something else is there.
    """
    if not _PLAIN.fullmatch(path):
        raise ValueError("the path may only have letters, digits and the characters / . _ @ + -")
    folder = Path(os.path.realpath(os.path.dirname(path)))
    if any(folder.is_relative_to(each) for each in _HIDDEN) or folder == Path("/"):
        raise ValueError(f"the units cannot use {folder}: choose a path in /run/eggd")
    _check_folder(folder)
    path = str(folder / os.path.basename(path))
    if problem := obstacle(path):
        raise ValueError(problem)
    return path


def _check_folder(folder: Path) -> None:
    """Refuses a folder in which other users may create files; a missing one systemd creates."""
    place = next(each for each in (folder, *folder.parents) if each.exists())
    about = place.stat()
    if not stat.S_ISDIR(about.st_mode):
        raise ValueError(f"{place} is not a directory")
    if about.st_mode & stat.S_IWOTH:
        raise ValueError(f"every user may create files in {place}: choose a path in /run/eggd")


def obstacle(path: str) -> str:
    """Returns what a new listener at the path would destroy; "" without such a file.

    A socket on which no process listens is not counted: it is replaced.
    """
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return ""
    if stat.S_ISDIR(mode):
        return f"{path} is a directory: add a name, such as {path.rstrip('/')}/http.sock"
    if not stat.S_ISSOCK(mode):
        return f"{path} exists and is not a socket: remove it, or choose another path"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as probe:
        refused = probe.connect_ex(path) == errno.ECONNREFUSED
    return "" if refused else f"another process listens on {path}: choose another path"


def describe(path: str) -> str:
    """Returns owner and mode of a listener's file, `owner eggd:www-data, mode 0660`.

    For a path without a socket it returns the text "removed".
    """
    try:
        about = os.lstat(path)
    except OSError:
        return "removed"
    if not stat.S_ISSOCK(about.st_mode):
        return "removed"
    return str(
        Access(user_name(about.st_uid), group_name(about.st_gid), stat.S_IMODE(about.st_mode))
    )


def ids(access: Access) -> tuple[int, int]:
    """Returns the numbers of user and group; -1 for one that is not changed (chown(2))."""
    return (
        pwd.getpwnam(access.user).pw_uid if access.user else -1,
        grp.getgrnam(access.group).gr_gid if access.group else -1,
    )
