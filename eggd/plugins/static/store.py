"""Finds the files of a prefix: in memory, else on disk, in a thread."""

from __future__ import annotations

import asyncio
import os
import time
import zlib
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from functools import partial
from io import FileIO
from typing import NamedTuple, TypeVar

from eggd.plugins.static.memory import Memory
from eggd.plugins.static.roots import RefusedError, Root
from eggd.plugins.static.section import StaticConfig
from eggd.plugins.static.stored_file import StoredFile, read, siblings

T = TypeVar("T")

_SMALL = 64 * 1024
"""Bytes of the largest file that is read as a whole if files are not kept in memory: each of many
slow clients holds its content."""
_SETTLED = 2.0
"""Seconds since the last change after which a file is kept: one that is being written is not."""


class Source(NamedTuple):
    """A file, and itself open if it is too large to be in memory; the caller closes it."""

    stored: StoredFile
    file: FileIO | None = None

    def close(self) -> None:
        """Closes the open file, if there is one."""
        if self.file is not None:
            self.file.close()


class FileStore:
    """The files of one or more folders with the same prefix, the first folder first."""

    def __init__(
        self, roots: Sequence[Root], options: StaticConfig, report: Callable[[str], None]
    ) -> None:
        """Takes folders in their order; `report` logs a file that is refused, once for each."""
        self.roots = roots
        self._options = options
        self._report = report
        self._memory: Memory[StoredFile] = Memory(options.max_files, options.max_memory)
        self._limit = options.max_file if options.buffer else min(options.max_file, _SMALL)
        # Reads that have not ended, of files that will be in memory.
        self._reading: dict[Hashable, asyncio.Future[Source | None]] = {}
        self._reported: set[bytes] = set()
        self._names: frozenset[bytes] | None = None

    def fix(self) -> None:
        """Serves from now on only the files that exist now (`static.dynamic` is false)."""
        self._names = frozenset(self.names())

    def names(self) -> Iterator[bytes]:
        """Yields the names of all files, of several folders one after the other; blocks."""
        for root in self.roots:
            yield from root.names()

    def preload(self) -> None:
        """Reads files until the memory is full: up to the first one that does not fit; blocks."""
        for name in self.names():
            source = self.load(name) if self.kept(name) is None else None
            if source is None:
                continue
            source.close()
            if source.stored.content is not None and not self._memory.has_room(source.stored.size):
                return
            self.keep(source)

    def peek(self, name: bytes) -> StoredFile | None:
        """Returns a file, which is kept if it may be; None without one. Blocks."""
        stored = self._memory.get((None, name))
        source = self.load(name) if stored is None else None
        if source is None:
            return stored
        source.close()
        self.keep(source)
        return source.stored

    def kept(self, name: bytes, root: Root | None = None) -> StoredFile | None:
        """Returns a file in memory."""
        return self._memory.get((root, name))

    async def find(self, name: bytes, root: Root | None = None) -> Source | None:
        """Returns a file of any folder, or of `root`; None without one."""
        stored = self._memory.get((root, name))
        if stored is not None:
            return Source(stored)
        if not self._options.buffer:
            return await _in_thread(partial(self.load, name, root))
        if (reading := self._reading.get((root, name))) is not None:
            await asyncio.wait({reading})
            if (stored := self._memory.get((root, name))) is not None:
                return Source(stored)
        return await self._read(name, root)

    async def _read(self, name: bytes, root: Root | None) -> Source | None:
        key = (root, name)
        reading = asyncio.ensure_future(_in_thread(partial(self.load, name, root)))
        self._reading[key] = reading
        try:
            source = await reading
        finally:
            if self._reading.get(key) is reading:
                del self._reading[key]
        if source is not None:
            self.keep(source, root)
        return source

    def keep(self, source: Source, root: Root | None = None) -> None:
        """Keeps a file in memory, if it is small and has not just been written."""
        stored = source.stored
        if not self._options.buffer or stored.content is None:
            return
        if time.time() - stored.modified >= _SETTLED or stored.modified > time.time():
            self._memory.put((root, stored.name), stored, stored.size)

    def load(self, name: bytes, root: Root | None = None) -> Source | None:
        """Reads a file, or opens one that is large; None without one. Blocks."""
        if root is None and not self._is_served(name):
            return None
        for each in self.roots if root is None else (root,):
            try:
                file = each.open(name)
                if file is not None:
                    return self._source(each, name, file)
            except RefusedError as exc:
                self._refuse(each, name, str(exc))
        return None

    def _is_served(self, name: bytes) -> bool:
        """Returns whether the config lets a file of that name be served, if it exists."""
        if self._names is not None and name not in self._names:
            return False
        listed = self._options.filter
        if listed is None:
            return True
        text = os.fsdecode(name)
        return bool(listed(text)) if callable(listed) else text in listed

    def _source(self, root: Root, name: bytes, file: FileIO) -> Source:
        try:
            stored = read(root, name, file, self._limit)
            stored.siblings = self._siblings(root, name, stored.modified)
            stored.codings = self._codings(stored)
        except BaseException:
            file.close()
            raise
        if stored.content is None:
            return Source(stored, file)
        file.close()
        return Source(stored)

    def _siblings(self, root: Root, name: bytes, modified: float) -> dict[str, bytes]:
        try:
            return siblings(root, name, modified)
        except RefusedError as exc:
            self._refuse(root, name + b".*", str(exc))
            return {}

    def _codings(self, stored: StoredFile) -> Collection[str]:
        if self._options.gzip and "gzip" not in stored.siblings and stored.is_compressible:
            return (*stored.siblings, "gzip")
        return stored.siblings

    def _refuse(self, root: Root, name: bytes, reason: str) -> None:
        if name not in self._reported and len(self._reported) < self._options.max_files:
            self._reported.add(name)
            self._report(f"{root.path}/{os.fsdecode(name)} is not served: it {reason}")

    async def compressed(self, stored: StoredFile) -> StoredFile:
        """Returns a file compressed by gzip; its content must be in memory."""
        key = (stored.root, stored.name, stored.digest)
        small = self._memory.get(key)
        if small is None:
            small = await _in_thread(partial(_compress, stored))
            self._memory.put(key, small, small.size)
        return small


def _compress(stored: StoredFile) -> StoredFile:
    # 31: the format of gzip, with no time in its head: all workers have the same bytes.
    packer = zlib.compressobj(6, wbits=31)
    content = packer.compress(stored.content or b"") + packer.flush()
    return StoredFile(
        root=stored.root,
        name=stored.name,
        size=len(content),
        digest=stored.digest,
        modified=stored.modified,
        content=content,
    )


async def _in_thread(function: Callable[[], T]) -> T:
    """Returns what a function returns in a thread; if cancelled, closes a file that it opens."""
    running = asyncio.get_running_loop().run_in_executor(None, function)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        running.add_done_callback(_close_later)
        raise


def _close_later(running: asyncio.Future[T]) -> None:
    if not running.cancelled() and running.exception() is None:
        result = running.result()
        if isinstance(result, Source):
            result.close()
