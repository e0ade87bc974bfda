"""The archive that `eggd deploy --hosts` sends to each host: made once, with its SHA-256."""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from eggd.cli.options import ReleaseOptions, release_options
from eggd.errors import DirectoryError, ReleaseError
from eggd.host.release import folder
from eggd.host.release.entries import Entry, Kind
from eggd.loader.metadata import app_name

_PIECE = 1 << 20
_LEVEL = 6
"""The compression of gzip: higher levels take seconds for a few percent."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An open archive."""

    file: IO[bytes]
    sha256: str
    """In hexadecimal digits."""
    size: int
    origin: str
    """`USER@MACHINE:PATH`, the source that `eggd releases` of the hosts shows."""


@contextmanager
def packed(source: Path, flags: ReleaseOptions) -> Iterator[Parcel]:
    """Opens an archive, or makes one of a directory in a temporary file without a name.

    Leaves out of a directory what `eggd deploy` leaves out. Raises DirectoryError without the
    source, and for a directory what a host would raise for its pyproject.toml.
    """
    if source.is_dir():
        with tempfile.TemporaryFile() as file:
            _check(source, flags)
            _pack(source, file)
            yield _parcel(file, source)
    elif source.is_file():
        with source.open("rb") as file:
            yield _parcel(file, source)
    else:
        raise DirectoryError(f"{source}: is neither a directory nor an archive")


def _check(source: Path, flags: ReleaseOptions) -> None:
    if not (source / "pyproject.toml").is_file():
        raise ReleaseError(
            f"{source} is not an app: pyproject.toml is missing",
            hint="give the directory of the app, or an archive of it",
        )
    app_name(source)
    release_options(source, flags)


def _parcel(file: IO[bytes], source: Path) -> Parcel:
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while piece := file.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    return Parcel(file, digest.hexdigest(), size, _origin(source))


def _origin(source: Path) -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.geteuid())
    return f"{user}@{socket.gethostname()}:{source.resolve()}"


def _pack(source: Path, file: IO[bytes]) -> None:
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=_LEVEL) as tar:
        for entry in folder.entries(source):
            _add(tar, entry)


def _add(tar: tarfile.TarFile, entry: Entry) -> None:
    about = tarfile.TarInfo("/".join(entry.parts))
    about.mode = 0o755 if entry.executable or entry.kind is Kind.FOLDER else 0o644
    match entry.kind:
        case Kind.FOLDER:
            about.type = tarfile.DIRTYPE
            tar.addfile(about)
        case Kind.LINK:
            about.type, about.linkname = tarfile.SYMTYPE, entry.target
            tar.addfile(about)
        case _:
            assert entry.open is not None
            with entry.open() as content:
                about.size = os.fstat(content.fileno()).st_size
                tar.addfile(about, content)
