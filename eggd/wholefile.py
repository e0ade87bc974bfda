"""Replaces files as a whole: a reader sees the old content or the new one, never a part."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def public_mode(folder: Path) -> int:
    """Returns the mode of a file for every user who may list its folder."""
    return 0o644 if folder.stat().st_mode & 0o004 else 0o640


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Writes a file in a folder that exists, or replaces it; raises OSError.

    After an error the old file is there, and no other one; the error names `path`. The file is not
    synced to the disk.
    """
    with naming(path):
        fd, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(content)
                os.fchmod(file.fileno(), mode)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Raises an OSError of its block again with `path`, instead of the name of a temporary file."""
    try:
        yield
    except OSError as exc:
        if exc.errno is None:
            raise
        raise OSError(exc.errno, exc.strerror, str(path)) from exc
