"""Saves the files of requests, in threads, and removes them after failures (process:MP-30..35)."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from eggd import Application, HttpError, in_thread
from eggd.plugins.multipart.folder import Folder, folder_of
from eggd.plugins.multipart.parts import FilePart
from eggd.plugins.multipart.uploaded_file import UploadedFile

T = TypeVar("T")

_THREADS = 4
"""Threads that write; others than the app's, as a slow disk may hold all of them."""
_BATCH = 128 * 1024
"""Bytes of one write: 64 slow uploads hold 8 MiB together."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Storage:
    """Saves files of all requests of a worker."""

    def __init__(self, app: Application) -> None:
        config = app.config
        self._log = app.core_logger
        self.folder = Folder(folder_of(config.base_dir, app.name, config.multipart.tmpdir))
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="multipart")
        app.before_close(self.close)

    async def save(self, part: FilePart, paths: list[Path]) -> UploadedFile:
        """Saves one file; its path is added to `paths` before its first byte is written.

        Raises as reading the part does, and HttpError 507 if the disk is full.
        """
        digest, batch, size = hashlib.sha256(), list[bytes](), 0
        opened: list[int] = []  # a cancelled call does not get the result of its thread
        try:
            path = await self._run(lambda: self._create(part.filename, paths, opened))
            descriptor = opened[0]
            async for chunk in part:
                batch.append(chunk)
                size += len(chunk)
                if size >= _BATCH:
                    await self._run(partial(_write, descriptor, batch, digest))
                    batch, size = [], 0
            await self._run(partial(_write, descriptor, batch, digest))
        finally:
            for each in opened:
                os.close(each)
        return UploadedFile(
            path=path,
            field=part.field,
            filename=part.filename,
            size=part.size,
            mime=part.mime,
            detected_mime=part.detected_mime,
            sha256=digest.hexdigest(),
            transfer_encoding=part.transfer_encoding,
        )

    async def remove(self, paths: Iterable[Path]) -> None:
        """Removes files, which may be missing; a failure is only logged (process:MP-35)."""
        await self._each(self.folder.remove, list(paths))

    async def release(self, paths: Iterable[Path]) -> None:
        """Leaves saved files to the app, as their request is answered."""
        await self._each(self.folder.release, list(paths))

    async def close(self) -> None:
        """Ends the threads."""
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self.folder.close)

    async def _each(self, function: Callable[[Path], None], paths: Sequence[Path]) -> None:
        def run() -> None:
            for path in paths:
                try:
                    function(path)
                except OSError as exc:
                    self._log.warning("[multipart] %s: %s", path, exc.strerror)

        if paths:
            await self._run(run)

    def _create(self, filename: str, paths: list[Path], opened: list[int]) -> Path:
        descriptor, path = self.folder.create(filename)
        opened.append(descriptor)
        paths.append(path)
        return path

    async def _run(self, function: Callable[[], T]) -> T:
        """Runs a function in a thread; a cancelled call waits for it. Raises HttpError 507."""
        try:
            return await in_thread(function, self._threads)
        except OSError as exc:
            if exc.errno in _FULL:
                raise HttpError(507, f"an upload cannot be saved: {exc.strerror}") from exc
            raise


def _write(descriptor: int, chunks: Sequence[bytes], digest: hashlib._Hash) -> None:
    for chunk in chunks:
        digest.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(descriptor, view) :]
