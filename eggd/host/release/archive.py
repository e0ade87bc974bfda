"""The files of a tar or zip archive, as the entries of a release.

Python's own extraction is not used: its filter for tar archives (`data`) is missing in Debian 12
(Python 3.11.2), and does not cover zip archives.
"""

from __future__ import annotations

import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from eggd.errors import ReleaseError
from eggd.host.release.entries import Entry, Kind, parts_of

STANDARD_INPUT = "standard-input"
"""The name of the file with an archive that was read from standard input."""

_FORMATS = "an archive is tar, tar.gz, tar.xz, tar.bz2, tar.zst or zip"
_ZSTD = b"\x28\xb5\x2f\xfd"
_KINDS = {
    **{tarfile.DIRTYPE: Kind.FOLDER, tarfile.SYMTYPE: Kind.LINK, tarfile.LNKTYPE: Kind.COPY},
    **dict.fromkeys(tarfile.REGULAR_TYPES, Kind.FILE),
}
_BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(gzip.BadGzipFile, NotImplementedError, RuntimeError, ValueError),
)
"""The exceptions of Python's modules for wrong, encrypted or truncated archives."""

_LINK_LIMIT = 4096
_MOST_PADDING = 16
"""MiB after the last file; tar itself pads to 10 KiB."""


@contextmanager
def entries(path: Path) -> Iterator[Iterator[Entry]]:
    """Gives the files of an archive, which is open in the block; the content decides its kind.

    Raises ReleaseError for a broken archive, and for a path, link or device that a release may
    not have.
    """
    try:
        with path.open("rb") as file:
            magic, is_zip = file.read(4), zipfile.is_zipfile(file)
            if not magic:
                raise ReleaseError(f"{_display(path)} is empty", hint=_FORMATS)
            file.seek(0)
            if is_zip:
                with zipfile.ZipFile(file) as zipped:
                    yield _of_zip(zipped)
            else:
                with _tar(file, path, compressed=magic == _ZSTD) as tar:
                    yield _of_tar(tar)
    except _BROKEN as exc:
        # For an unknown format, tarfile lists the error of each of its own.
        text = "unknown format" if str(exc).startswith("file could not be opened") else str(exc)
        text = f"{_display(path)}: cannot be read as an archive: {text}"
        raise ReleaseError(text, hint=_FORMATS) from exc


def _display(path: Path) -> str:
    return "standard input" if path.name == STANDARD_INPUT else str(path)


def _tar(file: IO[bytes], path: Path, *, compressed: bool) -> tarfile.TarFile:
    if not compressed:
        return tarfile.open(fileobj=file, mode="r:*")
    try:
        import zstandard
    except ImportError as exc:
        raise ReleaseError(
            f"{path}: python3-zstandard is not installed", hint="apt install python3-zstandard"
        ) from exc
    return tarfile.open(fileobj=zstandard.ZstdDecompressor().stream_reader(file), mode="r|")


def _of_tar(tar: tarfile.TarFile) -> Iterator[Entry]:
    for member in tar:
        parts = parts_of(member.name)
        kind = _KINDS.get(member.type)
        if kind is None:
            raise ReleaseError(f"{member.name!r}: is neither a file, a directory nor a link")
        if parts:
            yield Entry(
                parts=parts,
                kind=kind,
                executable=bool(member.mode & 0o100),
                target=member.linkname,
                open=lambda member=member: _content(tar, member),  # type: ignore[misc]
            )
        tar.members.clear()  # type: ignore[attr-defined]  # else every header stays in memory
    _read_rest(tar)


def _read_rest(tar: tarfile.TarFile) -> None:
    """Reads what follows the last file, so that a truncated stream or a wrong checksum shows."""
    assert tar.fileobj is not None
    for _ in range(_MOST_PADDING):
        if not tar.fileobj.read(1 << 20):
            return
    raise ReleaseError(f"more than {_MOST_PADDING} MiB follow the last file of the archive")


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    assert content is not None  # it is a file
    return content


def _of_zip(zipped: zipfile.ZipFile) -> Iterator[Entry]:
    for member in zipped.infolist():
        if parts := parts_of(member.filename):
            mode = member.external_attr >> 16
            kind = _zip_kind(member, mode)
            yield Entry(
                parts=parts,
                kind=kind,
                executable=bool(mode & 0o100),
                target=_zip_target(zipped, member) if kind is Kind.LINK else "",
                open=lambda member=member: zipped.open(member),  # type: ignore[misc]
            )


def _zip_kind(member: zipfile.ZipInfo, mode: int) -> Kind:
    if member.is_dir():
        return Kind.FOLDER
    if stat.S_ISLNK(mode):
        return Kind.LINK
    if stat.S_IFMT(mode) in (0, stat.S_IFREG):  # other systems than Unix store no type
        return Kind.FILE
    raise ReleaseError(f"{member.filename!r}: is neither a file, a directory nor a link")


def _zip_target(zipped: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    with zipped.open(member) as content:
        return content.read(_LINK_LIMIT).decode()
