"""`StoredFile`: one file as it was when it was read, with the header fields of its responses."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import blake2b
from io import FileIO

from eggd import file_type
from eggd.plugins.static.roots import Root

CODINGS = {"br": b".br", "zstd": b".zst", "gzip": b".gz"}
"""Content codings, the best first, each with the extension of a file that has it."""
_PACKED = b".svgz"
"""The extension of files that are compressed by gzip, and sent with that coding."""
_WORTH = 1024
"""Bytes of the smallest file that is compressed: below, its head is larger than what is saved."""
_TRIES = 3
"""Reads of a file that changes meanwhile."""
_COMPRESSIBLE = frozenset(
    (
        *("application/json", "application/xml", "application/wasm", "application/javascript"),
        *("application/manifest+json", "image/svg+xml", "image/x-icon", "font/ttf", "font/otf"),
    )
)


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """A file, or what was compressed from one."""

    root: Root
    """The folder that it is in."""
    name: bytes
    """Its name there."""
    size: int
    """Bytes."""
    digest: str
    """Text in hexadecimal that no other content has."""
    modified: float
    """Seconds since the epoch of its last change."""
    content: bytes | None = None
    """None for a file that is read while it is sent."""
    siblings: Mapping[str, bytes] = field(default_factory=dict)
    """The names of compressed files of it, by content coding."""
    codings: Collection[str] = ()
    """The content codings in which it is sent: those of its siblings, and gzip if text is
    compressed by the worker."""
    fields: dict[tuple[str, str, str], dict[str, tuple[str, list[str]]]] = field(
        default_factory=dict
    )
    """The header fields of its responses, made when they are first sent (`sending.py`)."""

    @property
    def is_packed(self) -> bool:
        """Whether the file itself is in the content coding gzip: `.svgz`."""
        return self.name.lower().endswith(_PACKED)

    @property
    def kind(self) -> str:
        """The Content-Type."""
        return "image/svg+xml" if self.is_packed else file_type(os.fsdecode(self.name))

    @property
    def is_compressible(self) -> bool:
        """Whether it is in memory, and compressing it is worth the time."""
        if self.content is None or self.size < _WORTH or self.is_packed:
            return False
        kind = self.kind.partition(";")[0]
        return kind.startswith("text/") or kind in _COMPRESSIBLE

    @property
    def last_modified(self) -> str:
        """The date of the last change; that of a file from before 1970 is its first second."""
        return formatdate(max(int(self.modified), 0), usegmt=True)


def read(root: Root, name: bytes, file: FileIO, limit: int) -> StoredFile:
    """Returns an open file, with its content if it has up to `limit` bytes.

    The content is of one moment, as far as size and time of the file can tell.
    """
    content, info = _settled(file, limit)
    if content is None:
        # The digest is of size and time: reading a large file first would take too long.
        state = b"%d %d" % (info.st_size, info.st_mtime_ns)
        size, digest = info.st_size, blake2b(state, digest_size=16)
    else:
        size, digest = len(content), blake2b(content, digest_size=16)
    return StoredFile(
        root=root,
        name=name,
        size=size,
        digest=digest.hexdigest(),
        modified=info.st_mtime,
        content=content,
    )


def _settled(file: FileIO, limit: int) -> tuple[bytes | None, os.stat_result]:
    """Returns the content and the state of a file, whose content is None above the limit."""
    content: bytes | None = None
    info = os.fstat(file.fileno())
    for _ in range(_TRIES):
        if info.st_size > limit:
            return None, info
        content = _content(file, limit + 1)
        before, info = info, os.fstat(file.fileno())
        same_time = before.st_mtime_ns == info.st_mtime_ns
        if same_time and len(content) == before.st_size == info.st_size:
            break
    return (content if content is None or len(content) <= limit else None), info


def _content(file: FileIO, limit: int) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while at < limit:
        piece = os.pread(file.fileno(), min(limit - at, 1 << 20), at)
        if not piece:
            break
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)


def siblings(root: Root, name: bytes, modified: float) -> dict[str, bytes]:
    """Returns the compressed files of a file by content coding, without those that are older."""
    if name.lower().endswith((_PACKED, *CODINGS.values())):
        return {}
    return {
        coding: name + extension
        for coding, extension in CODINGS.items()
        if root.age(name + extension) >= modified
    }
