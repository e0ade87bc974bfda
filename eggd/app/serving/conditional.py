"""`await conditional(ctx)`: 304, 412, 416 or a range, of a body that is set (core:REQ-14).

Nothing does this by itself: a handler calls it when its body is set, or a middleware for many.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from eggd.app.context.context import Context
from eggd.app.serving.body import payload
from eggd.app.serving.stream import is_streamed, opened
from eggd.errors import HttpError
from eggd.wire.conditional import byte_range, etag_of, etag_of_file, is_refused, range_holds

_KIND = len("Content-Type: ")


async def conditional(ctx: Context) -> None:
    """Answers with 304 what the client has already, and with 206 the range that it asks for.

    The body is a `Path`, text, bytes or what JSON can say; GET and HEAD with status 200 only.
    ETag, and Last-Modified of a file, are set unless they are. Raises HttpError 404 where there is
    no file, 412 for an If-Match that fails, 416 for a range that is not there (RFC 9110 13, 14).
    """
    body = ctx.body
    if ctx.method not in ("GET", "HEAD") or ctx.status != 200 or body is None:
        return
    if isinstance(body, Path):
        ctx.body = file = await opened(ctx, body)
        about = os.fstat(file.fileno())
        if not ctx.last_modified:
            ctx.last_modified = about.st_mtime
        ctx.etag = ctx.etag or etag_of_file(about.st_size, about.st_mtime_ns)
        _answer(ctx, file, about.st_size)
    elif not is_streamed(body):
        implied, data = payload(ctx.response)
        ctx.type = ctx.get_field("content-type") or implied[_KIND:-2].decode()
        ctx.body = data
        ctx.etag = ctx.etag or etag_of(data)
        _answer(ctx, data, len(data))


class Part:
    """Some of an open file, as a file; closing it closes that."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        file.seek(start)
        self._file = file
        self._left = end - start

    def read(self, size: int) -> bytes:
        """Returns up to `size` bytes, b"" at the end."""
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _answer(ctx: Context, content: bytes | BinaryIO, size: int) -> None:
    modified = ctx.get_field("last-modified")
    match, since = ctx.get("if-match"), ctx.get("if-unmodified-since")
    if is_refused(match=match, since=since, etag=ctx.etag, modified=modified):
        ctx.body = None  # closes a file
        raise HttpError(412)
    if ctx.fresh:
        ctx.body = None  # closes a file; what is said of the content goes (RFC 9110 15.4.5)
        ctx.status = 304
        return
    ctx.set("Accept-Ranges", "bytes")
    if ctx.method == "GET" and range_holds(ctx.get("if-range"), etag=ctx.etag, modified=modified):
        _range(ctx, content, size)


def _range(ctx: Context, content: bytes | BinaryIO, size: int) -> None:
    try:
        found = byte_range(ctx.get("range"), size)
    except ValueError as exc:
        ctx.body = None
        raise HttpError(416, headers={"Content-Range": f"bytes */{size}"}) from exc
    if found is None:
        return
    start, end = found
    ctx.status = 206
    ctx.set("Content-Range", f"bytes {start}-{end - 1}/{size}")
    if isinstance(content, bytes):
        ctx.body = content[start:end]
        return
    ctx.length = end - start
    ctx.response.content = Part(content, start, end)
