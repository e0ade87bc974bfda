"""Bodies that are produced while they are sent: async iterators, paths, open files (core:RES-16).

A slow client slows the source down. A lost connection ends it: an async iterator that is waiting
is cancelled, then closed; a file is closed. A client that has only closed its sending side may
still read, so its body is sent while the source produces; a source that is silent for `_PATIENCE`
is ended as for a lost connection. Files are read in threads: the loop never waits for the disk.
"""

from __future__ import annotations

import asyncio
import errno
import inspect
import os
import stat
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

from eggd.app.context.answer import TAKEN
from eggd.app.context.context import Context
from eggd.app.serving.body import field_lines, readtime
from eggd.app.serving.file_pieces import FilePieces
from eggd.calling import call
from eggd.errors import HttpError
from eggd.threads import in_thread
from eggd.wire.mime import file_type
from eggd.wire.ranges import ByteRange

_CHUNK = 256 * 1024
_LARGE = 256 * 1024
"""Bytes of the smallest content of files that is sent by sendfile(2)."""
_PATIENCE = 2.0
"""Seconds that a source may be silent after the client has closed its sending side."""

_BYTES = b"Content-Type: application/octet-stream\r\n"
_ABSENT = frozenset(
    (
        *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP),
        *(errno.EACCES, errno.EPERM, errno.ENXIO, errno.ENODEV),
    )
)
"""The errno values of a path that leads to no readable file."""


def is_streamed(body: object) -> bool:
    """Returns whether a body is an async iterator, a `Path`, an open file, or sent by the app."""
    return (
        hasattr(body, "__aiter__")
        or isinstance(body, Path)
        or hasattr(body, "read")
        or body is TAKEN
    )


async def stream(ctx: Context, body: object) -> None:
    """Sends a streamed body; an exception before its first chunk can still be answered."""
    if body is TAKEN:
        return
    if isinstance(body, Path):
        file = await open_file(ctx, body)
        body = FilePieces(file, [ByteRange(0, ctx.length or 0)])
    silence = _Silence()
    if isinstance(body, FilePieces) and body.length >= _LARGE and ctx.method != "HEAD":
        pump = asyncio.ensure_future(_send_pieces(ctx, body, silence))
    else:
        source = body if hasattr(body, "__aiter__") else _read(body)
        pump = asyncio.ensure_future(_pump(ctx, source, silence))
    ctx.exchange.on_lost(pump.cancel)
    ctx.exchange.on_abort(lambda: silence.limit(pump))
    try:
        await pump
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if not ctx.exchange.aborted or (task is not None and task.cancelling()):
            raise
        ctx.exchange.disconnect()
    finally:
        silence.end()
        await _close(body)


class _Silence:
    """The limit of a source's silence after the client has closed its sending side."""

    def __init__(self) -> None:
        # Whether the pump waits for the source; if not, it waits for the client.
        self._waiting = True
        # The task to cancel; None while the client has not closed its side.
        self._pump: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def limit(self, pump: asyncio.Future[None]) -> None:
        """Starts the limit: the pump is cancelled at its end."""
        self._pump = pump
        self._restart()

    def produced(self) -> None:
        """Records that the source has produced a chunk, which is sent now."""
        self._waiting = False
        self.end()

    def sent(self) -> None:
        """Records that the pump waits for the source again."""
        self._waiting = True
        self._restart()

    def end(self) -> None:
        """Stops the limit."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _restart(self) -> None:
        self.end()
        if self._pump is not None and self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_PATIENCE, self._pump.cancel)


async def _pump(ctx: Context, chunks: Any, silence: _Silence) -> None:
    """Sends the chunks, and the head with the first: until then an error can be answered."""
    exchange = ctx.exchange
    iterator = aiter(chunks)
    try:
        content = ctx.method != "HEAD"
        chunk = await anext(iterator, b"") if content else b""
        silence.produced()
        if not exchange.started:
            _start(ctx)
        await exchange.write(_bytes(chunk))
        silence.sent()
        if content:
            async for chunk in iterator:
                silence.produced()
                await exchange.write(_bytes(chunk))
                silence.sent()
        exchange.finish()
    finally:
        if iterator is not chunks or inspect.isasyncgen(iterator):
            await _close(iterator)


def _start(ctx: Context) -> None:
    length = ctx.get_field("content-length")
    fields = field_lines(ctx.response, _BYTES) + readtime(ctx)
    ctx.exchange.start(ctx.response.code, fields, length=int(length) if length else None)


async def _send_pieces(ctx: Context, body: FilePieces, silence: _Silence) -> None:
    """Sends pieces of a file by sendfile(2); over TLS by reading them."""
    _start(ctx)
    silence.produced()
    for piece in body.take():
        if isinstance(piece, bytes):
            await ctx.exchange.write(piece)
        elif not await ctx.exchange.send_file(body.fileno(), piece.start, piece.end):
            body.add(piece)
            async for chunk in _read(body):
                await ctx.exchange.write(chunk)
    ctx.exchange.finish()


async def open_file(ctx: Context, path: Path) -> FileIO:
    """Opens a regular file, and sets length and type. Raises HttpError 404 without such a file."""
    try:
        file = await asyncio.to_thread(_open, path)
    except ValueError as exc:  # a NUL, or a character outside the file system's encoding
        raise HttpError(404) from exc
    except OSError as exc:
        if exc.errno not in _ABSENT:
            raise
        if isinstance(exc, PermissionError):
            ctx.logger.warning("the body %s cannot be read: %s", path, exc.strerror)
        raise HttpError(404) from exc
    ctx.length = os.fstat(file.fileno()).st_size
    if not ctx.type:
        ctx.set("Content-Type", file_type(path.name))
    return file


def _open(path: Path) -> FileIO:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IsADirectoryError(errno.EISDIR, "not a regular file", str(path))
    return open(descriptor, "rb", buffering=0)


async def _read(file: Any) -> AsyncIterator[bytes]:
    """Yields the chunks of an open file; its `read` may be async."""
    while True:
        if inspect.iscoroutinefunction(file.read):
            chunk = await file.read(_CHUNK)
        else:
            chunk = await _in_thread(file)
        if not chunk:
            return
        yield chunk


async def _in_thread(file: BinaryIO) -> bytes:
    """Returns the file's next chunk."""
    return await in_thread(partial(file.read, _CHUNK))


async def _close(body: object) -> None:
    close = getattr(body, "aclose", None) or getattr(body, "close", None)
    if close is not None:
        with suppress(RuntimeError):  # still running: its own cancellation ends it
            await call(close)


def _bytes(chunk: bytes | str) -> bytes:
    return chunk.encode() if isinstance(chunk, str) else chunk
