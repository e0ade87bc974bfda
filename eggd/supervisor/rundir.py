"""Chooses a suite's runtime directory: outside the app's folder, which may be cleaned or replaced.

    $XDG_RUNTIME_DIR/eggd/NAME-HASH    if the user owns it and it is kept after the last logout
    /run/eggd-UID/NAME-HASH            if the user may create it: root
    /tmp/eggd-UID/NAME-HASH            in all other cases

NAME is the last part of the app's folder as it was given, HASH eight digits of its whole path.
Links stay in that path, so `current` keeps its directory with every release. Every
directory on the way is a real one (no link) that belongs to the user and that no other user can
write to.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path

from eggd.errors import DirectoryError, ListenError
from eggd.supervisor.sockets import check_length

HOST, SHARED, SESSIONS = Path("/run"), Path("/tmp"), Path("/run/user")
LINGER = Path("/var/lib/systemd/linger")
"""Directory with a file for each user whose XDG_RUNTIME_DIR logind keeps after the last logout."""

LONGEST_NAME = 24
"""Characters of NAME: a socket's path has 107 bytes (unix(7))."""
LONGEST_SOCKET = "worker-999.sock"
"""The longest name of a socket in the directory."""
MODE = 0o755
"""The mode of each directory: all users may read which suites run, only the owner may write."""


def make(given: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Creates and returns the runtime directory of an app's folder; raises DirectoryError."""
    problems = []
    for base in _candidates(environ):
        path = base / _name(given)
        try:
            check_length(str(path / LONGEST_SOCKET))
            secure(base)
            secure(path)
        except OSError as exc:
            problems.append(f"{exc.filename or base}: {exc.strerror}")
        except ListenError as exc:
            problems.append(exc.message)
        else:
            return path
    raise DirectoryError(
        f"cannot create a runtime directory: {'; '.join(problems)}",
        hint="set XDG_RUNTIME_DIR to a directory of this user",
    )


def find(given: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Returns the path that `make` has used or would use; creates nothing."""
    paths = [base / _name(given) for base in _candidates(environ)]
    return next((each for each in paths if each.is_dir()), paths[-1])


def everywhere(environ: Mapping[str, str] = os.environ) -> Iterator[Path]:
    """Yields the existing runtime directories of all users, those of this user first."""
    others = (*HOST.glob("eggd-*"), *SHARED.glob("eggd-*"), *SESSIONS.glob("*/eggd"))
    seen: set[Path] = set()
    for base in chain(_candidates(environ), others):
        if base not in seen:
            seen.add(base)
            yield from _folders(base)


def secure(path: Path) -> None:
    """Creates a directory, or checks the existing one; sets its mode regardless of the umask.

    Raises OSError if it is a link, not a directory, or another user's.
    """
    with suppress(FileExistsError):
        path.mkdir(mode=MODE)
    if path.is_symlink():
        raise OSError(0, "is a link", str(path))
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if os.fstat(fd).st_uid != os.geteuid():
            raise OSError(0, f"belongs to another user, uid {os.fstat(fd).st_uid}", str(path))
        os.fchmod(fd, MODE)
    finally:
        os.close(fd)


def secure_tree(path: Path) -> None:
    """Creates a directory as `secure` does, and its parent if that does not exist."""
    if not path.parent.exists():
        secure(path.parent)
    secure(path)


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    uid = os.geteuid()
    session = Path(environ.get("XDG_RUNTIME_DIR", ""))
    if session.is_absolute() and _is_kept(session, uid) and _is_ours(session, uid):
        yield session / "eggd"
    yield HOST / f"eggd-{uid}"
    yield SHARED / f"eggd-{uid}"


def _is_kept(session: Path, uid: int) -> bool:
    """Whether it outlives the user's sessions: logind removes /run/user/UID without lingering."""
    if session != SESSIONS / str(uid):
        return True
    try:
        return (LINGER / pwd.getpwuid(uid).pw_name).exists()
    except KeyError:
        return False


def _is_ours(path: Path, uid: int) -> bool:
    try:
        about = path.stat()
    except OSError:
        return False
    return about.st_uid == uid and stat.S_ISDIR(about.st_mode) and not about.st_mode & 0o022


def _folders(base: Path) -> list[Path]:
    try:
        return sorted(each for each in base.iterdir() if each.is_dir() and not each.is_symlink())
    except OSError:
        return []


def _name(given: Path) -> str:
    whole = hashlib.sha256(os.fsencode(given)).hexdigest()[:8]
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", given.name)[:LONGEST_NAME].strip("-.")
    return f"{plain or 'app'}-{whole}"
