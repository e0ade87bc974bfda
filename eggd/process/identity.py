"""The application of this process, and whether the rest of the suite runs the same."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from eggd.config.sources import AppInfo
from eggd.host.unit_files import digest
from eggd.identityfile import read, reloading, write
from eggd.log.levels import ERROR
from eggd.process.bootstrap import Process
from eggd.process.digest import KEY, credential_digest
from eggd.suite.files import AGENT_IDENTITY, identity_file
from eggd.suite.identity import Identity, differs
from eggd.suite.names import SuiteNames
from eggd.suite.slots import SPARE
from eggd.version import __version__

PACKAGE = Path(__file__).resolve().parent.parent
"""The folder of eggd, whose files are represented by its version."""

_SETTINGS = ("EGG_APP_CONFIG", "EGG_PLUGINS", "EGG_FRAMEWORK", "EGG_HOME")
_FOREIGN = frozenset({".venv", "venv", "site-packages", "node_modules"})
_DIGEST_BYTES = 8


def identity(
    info: AppInfo,
    environ: Mapping[str, str],
    roots: Sequence[Path],
    scheme: str = "",
    credentials: str = "",
) -> Identity:
    """Returns the identity of this process; `roots` are the folders of its load units.

    `credentials` is a digest of the credentials that its config has read.

    Reads the files once, at the call: at the end of the start, before READY=1.
    """
    base_dir = info.base_dir.resolve()
    return Identity(
        pid=os.getpid(),
        base_dir=str(base_dir),
        name=info.name,
        env=info.env,
        settings=_digest(_settings(info, environ, credentials)),
        code=_digest(_code(base_dir, roots)),
        scheme=scheme,
    )


def announce(
    process: Process, roots: Sequence[Path], scheme: str = "", greeting: str = ""
) -> Identity:
    """Writes this process's file and returns its content; logs a failure, never raises."""
    own = identity(process.info, os.environ, roots, scheme, _credentials(process))
    own = replace(own, greeting=greeting)
    name = identity_file(process.slot)
    if process.role == "agent":  # a reload restarts each worker, but an agent that has changed
        name, unit = AGENT_IDENTITY, digest(SuiteNames.chosen(os.environ).agent)
        own = replace(own, unit=unit)
    try:
        write(process.rundir / name, own)
    except OSError as exc:
        process.console.write(ERROR, f"{process.rundir / name}: {exc.strerror}")
    return own


def _credentials(process: Process) -> str:
    try:
        return credential_digest(process.rundir)
    except OSError as exc:
        process.console.write(ERROR, f"{process.rundir / KEY}: {exc.strerror}")
        return ""


def difference(process: Process, own: Identity) -> str:
    """Returns how this worker's application differs from the agent's; "" during a reload."""
    if process.slot == SPARE or reloading(process.rundir):
        return ""
    why = differs(read(process.rundir / AGENT_IDENTITY), own)
    return f"another application than the agent's: {why}" if why else ""


def _settings(info: AppInfo, environ: Mapping[str, str], credentials: str) -> Iterator[bytes]:
    yield f"{__version__} {info.scope}".encode()
    if credentials:
        yield credentials.encode()
    for name in _SETTINGS:
        yield f"{name}={environ.get(name, '')}".encode(errors="surrogateescape")


def _code(base_dir: Path, roots: Sequence[Path]) -> Iterator[bytes]:
    """Yields path and content of each imported file of the app, and the packages of its .venv."""
    for path in sorted(_imported([base_dir, *(root.resolve() for root in roots)])):
        yield str(path.relative_to(base_dir) if path.is_relative_to(base_dir) else path).encode()
        try:
            yield path.read_bytes()
        except OSError:
            yield b"?"
    for folder in sorted(base_dir.glob(".venv/lib/python3*/site-packages/*.dist-info")):
        yield folder.name.encode()


def _imported(roots: Sequence[Path]) -> set[Path]:
    return {path for path in map(Path, _files()) if _is_own(path, roots)}


def _files() -> Iterator[str]:
    """Yields the real path of each module's file, without loading lazy modules."""
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and isinstance(file := vars(module).get("__file__"), str):
            yield os.path.realpath(file)


def _is_own(path: Path, roots: Sequence[Path]) -> bool:
    if path.is_relative_to(PACKAGE):
        return path.is_relative_to(PACKAGE / "welcome")
    below = (path.relative_to(root).parts for root in roots if path.is_relative_to(root))
    return any(not _FOREIGN & {*parts} for parts in below)


def _digest(pieces: Iterator[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for piece in pieces:
        digest.update(len(piece).to_bytes(8) + piece)
    return digest.hexdigest()
