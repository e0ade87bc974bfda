"""Gives a command that root runs as the units' user the credentials that its units would get.

They are copied to a directory in memory, for as long as the command runs.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from eggd.config.credentials import DIRECTORY, HANDED, refuse_open, user_folder
from eggd.errors import EggError
from eggd.host.credential_folder import CredentialFolder
from eggd.host.credential_store import content_of
from eggd.host.credentials import CERT, KEY
from eggd.host.unit_credentials import unit_credentials, unit_user
from eggd.suite.names import SuiteNames

_IN_MEMORY = Path("/run")
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def handed_credentials(
    user: pwd.struct_passwd,
    warn: Callable[[str], None],
    names: SuiteNames,
    root: Path = Path("/"),
) -> Iterator[dict[str, str]]:
    """Yields CREDENTIALS_DIRECTORY for a child of this user, and HANDED, for its errors.

    Only root, and the user of the workers, get them. `warn` receives a line for each that cannot be
    read. The certificate of the listener is not among them: a command does not need it.
    """
    if user.pw_name not in ("root", unit_user(names, root)):
        yield {}
        return
    contents, origin = _contents(warn, names, root), {HANDED: _origin(names, root)}
    if not contents:
        yield origin
        return
    place = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with _ended_by_an_exception():
        folder = Path(tempfile.mkdtemp(prefix="eggd-credentials-", dir=place))
        try:
            for name, content in contents.items():
                _write(folder / name, content, user)
            os.chown(folder, user.pw_uid, user.pw_gid)
            yield {DIRECTORY: str(folder), **origin}
        finally:
            shutil.rmtree(folder)


@contextmanager
def _ended_by_an_exception() -> Iterator[None]:
    """Makes SIGTERM and SIGHUP raise SystemExit, so that the copies are removed."""
    numbers = [each for each in _SIGNALS if signal.getsignal(each) is signal.SIG_DFL]
    for each in numbers:
        signal.signal(each, _leave)
    try:
        yield
    finally:
        for each in numbers:
            signal.signal(each, signal.SIG_DFL)


def _leave(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


def _contents(warn: Callable[[str], None], names: SuiteNames, root: Path) -> dict[str, bytes]:
    """Returns the credentials of the units, over root's own, below those of this command's unit."""
    own, given = user_folder(os.environ), os.environ.get(DIRECTORY)
    contents = _files(own, warn) if own else {}
    for name in contents:
        refuse_open(Path(str(own), name), f"credential {name} in {own}/{name}")
    for name, loaded in unit_credentials(names, root).items():
        if name in (CERT, KEY) or loaded.file is None:
            continue
        try:
            contents[name] = content_of(loaded)
        except EggError as exc:
            warn(exc.line)
    return {**contents, **(_files(Path(given), warn) if given else {})}


def _origin(names: SuiteNames, root: Path) -> str:
    """Returns the names of the places whose credentials are copied."""
    folder = user_folder(os.environ)
    of_units = ["the units' credentials"] if unit_credentials(names, root) else []
    return ", ".join([*of_units, *([str(folder)] if folder else [])])


def _files(folder: Path, warn: Callable[[str], None]) -> dict[str, bytes]:
    contents = {}
    for name in CredentialFolder(folder).names():
        try:
            contents[name] = CredentialFolder(folder).get(name)
        except EggError as exc:
            warn(exc.line)
    return contents


def _write(path: Path, content: bytes, user: pwd.struct_passwd) -> None:
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o400)) as file:
        file.write(content)
        os.fchown(file.fileno(), user.pw_uid, user.pw_gid)
