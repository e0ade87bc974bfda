"""Writes the entries of a release into its directory.

Links are made last. So while files are written, every directory above them is a real one, and no
entry of an archive can lead another one out of the release.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from eggd.errors import ReleaseError
from eggd.host.release.entries import (
    AT_TOP,
    EVERYWHERE,
    Entry,
    Kind,
    Parts,
    check_link,
    is_left_out,
    parts_of,
)

MOST_BYTES = 4 << 30
"""Bytes of all files of a release together: a small archive can hold endless zeros."""
MOST_FILES = 100_000
"""Entries of a release."""

_PIECE = 1 << 20


def unpack(entries: Iterable[Entry], target: Path) -> int:
    """Writes the entries into a new, empty directory; returns the number of files and links.

    A single directory at the top that has the pyproject.toml is taken for the release itself.
    Raises ReleaseError for a path that comes twice, a wrong link, or too many files or bytes.
    """
    writer = _Writer(target)
    for entry in entries:
        writer.add(entry)
    writer.finish()
    return writer.files


class _Writer:
    def __init__(self, target: Path) -> None:
        self.files = 0
        self._target = target
        self._bytes = self._entries = 0
        # Symbolic links, which are made at the end.
        self._links: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Writes one entry, except a symbolic link."""
        self._entries += 1
        if self._entries > MOST_FILES:
            raise ReleaseError(f"more than {MOST_FILES} files")
        if is_left_out(entry.parts):
            return
        try:
            self._write(entry)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as exc:
            raise ReleaseError(f"{'/'.join(entry.parts)}: two files have this path") from exc

    def finish(self) -> None:
        """Takes the only directory for the release, removes what is left out, makes the links."""
        above = self._only_folder()
        for name in AT_TOP:
            shutil.rmtree(self._target / name, ignore_errors=True)
        for link in self._links:
            self._link(link.parts[len(above) :], link.target)

    def _write(self, entry: Entry) -> None:
        path = self._target.joinpath(*entry.parts)
        match entry.kind:
            case Kind.FOLDER:
                path.mkdir(parents=True, exist_ok=True)
                return
            case Kind.LINK:
                self._links.append(entry)
            case Kind.COPY:
                self._repeat(entry, path)
            case Kind.FILE:
                assert entry.open is not None
                with entry.open() as content:
                    self._copy(content, path, 0o755 if entry.executable else 0o644)
        self.files += 1

    def _repeat(self, entry: Entry, path: Path) -> None:
        first = self._target.joinpath(*parts_of(entry.target))
        if not first.is_file():
            raise ReleaseError(f"{path.name}: {entry.target!r} does not precede its hard link")
        with first.open("rb") as content:
            self._copy(content, path, os.fstat(content.fileno()).st_mode & 0o777)

    def _copy(self, content: IO[bytes], path: Path, mode: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with open(fd, "wb") as file:
            while piece := content.read(_PIECE):
                self._bytes += len(piece)
                if self._bytes > MOST_BYTES:
                    raise ReleaseError(f"more than {MOST_BYTES >> 30} GiB of files")
                file.write(piece)

    def _only_folder(self) -> Parts:
        top = [each.name for each in self._target.iterdir()]
        if len(top) != 1 or not (self._target / top[0] / "pyproject.toml").is_file():
            return ()
        if any(link.parts[0] != top[0] for link in self._links):
            return ()
        only = self._target.with_name(f"{self._target.name}.top")
        (self._target / top[0]).rename(only)
        self._target.rmdir()
        only.rename(self._target)
        return (top[0],)

    def _link(self, parts: Parts, target: str) -> None:
        if not parts or parts[0] in AT_TOP | EVERYWHERE:
            return
        check_link(parts, target)
        path = self._target.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.symlink_to(target)
        except FileExistsError as exc:
            raise ReleaseError(f"{'/'.join(parts)}: two files have this path") from exc
