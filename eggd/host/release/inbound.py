"""Receives an archive on standard input, as `eggd deploy --hosts` sends it to a host."""

from __future__ import annotations

import hashlib
import os
import select
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from eggd.errors import ReleaseError
from eggd.host.release.archive import STANDARD_INPUT
from eggd.host.release.places import Places
from eggd.host.release.unpack import MOST_BYTES

SILENCE = 60.0
"""Seconds without a byte after which the sender counts as lost."""

_PIECE = 1 << 20


@contextmanager
def received(places: Places, stream: int, sha256: str | None) -> Iterator[Path]:
    """Gives a file with all that a descriptor delivers; it is removed after the block.

    Raises ReleaseError if the sender is silent for SILENCE seconds, sends more than 4 GiB, or
    something else than what has this SHA-256. `record.clean` removes what a killed command left.
    """
    with tempfile.TemporaryDirectory(dir=places.releases, prefix=".incoming-") as folder:
        path = Path(folder, STANDARD_INPUT)
        with path.open("wb") as file:
            actual = _receive(stream, file)
            size = file.tell()
        if sha256 is not None and actual != sha256:
            raise ReleaseError(
                f"the archive did not arrive whole: {size} bytes with SHA-256 {actual},"
                f" not {sha256}",
                hint="send it again",
            )
        yield path


def _receive(stream: int, file: IO[bytes]) -> str:
    """Copies the stream to the file; returns its SHA-256."""
    digest = hashlib.sha256()
    while piece := _piece(stream):
        digest.update(piece)
        file.write(piece)
        if file.tell() > MOST_BYTES:
            raise ReleaseError(f"the archive is larger than {MOST_BYTES >> 30} GiB")
    return digest.hexdigest()


def _piece(stream: int) -> bytes:
    if not select.select([stream], [], [], SILENCE)[0]:
        raise ReleaseError(f"the archive did not arrive: no byte for {SILENCE:g} s")
    return os.read(stream, _PIECE)
