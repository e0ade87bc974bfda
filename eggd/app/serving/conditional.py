"""`await conditional(ctx)`: 304, 412, 416 or a range of a body that is set (core:REQ-14).

eggd never calls it: a handler does after it has set the body, or a middleware for many handlers.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from eggd.app.context.context import Context
from eggd.app.serving.body import payload
from eggd.app.serving.stream import is_streamed, open_file
from eggd.errors import HttpError
from eggd.wire.conditional import byte_range, etag_of, etag_of_file, is_refused, range_holds

_KIND = len("Content-Type: ")


async def conditional(ctx: Context) -> None:
    """Answers 304 if the client's cached copy is valid, and 206 with the range that it asks for.

    The body is a `Path`, text, bytes or a value for JSON, of GET and HEAD with status 200. ETag,
    and Last-Modified of a file, are set if they are not. Raises HttpError 404 without such a file,
    412 if If-Match fails, 416 for a range outside the body (RFC 9110 sections 13 and 14).
    """
    body = ctx.body
    if ctx.method not in ("GET", "HEAD") or ctx.status != 200 or body is None:
        return
    if isinstance(body, Path):
        ctx.body = file = await open_file(ctx, body)
        stat = os.fstat(file.fileno())
        if not ctx.last_modified:
            ctx.last_modified = stat.st_mtime
        ctx.etag = ctx.etag or etag_of_file(stat.st_size, stat.st_mtime_ns)
        _answer(ctx, file, stat.st_size)
    elif not is_streamed(body):
        implied, data = payload(ctx.response)
        ctx.type = ctx.get_field("content-type") or implied[_KIND:-2].decode()
        ctx.body = data
        ctx.etag = ctx.etag or etag_of(data)
        _answer(ctx, data, len(data))


class Part:
    """A range of an open file, as a file; closing it closes the open file."""

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
        ctx.body = None  # closes a file, and drops Content-* (RFC 9110 section 15.4.5)
        ctx.status = 304
        return
    ctx.set("Accept-Ranges", "bytes")
    if ctx.method == "GET" and range_holds(ctx.get("if-range"), etag=ctx.etag, modified=modified):
        _range(ctx, content, size)


def _range(ctx: Context, content: bytes | BinaryIO, size: int) -> None:
    try:
        limits = byte_range(ctx.get("range"), size)
    except ValueError as exc:
        ctx.body = None
        raise HttpError(416, headers={"Content-Range": f"bytes */{size}"}) from exc
    if limits is None:
        return
    start, end = limits
    ctx.status = 206
    ctx.set("Content-Range", f"bytes {start}-{end - 1}/{size}")
    if isinstance(content, bytes):
        ctx.body = content[start:end]
        return
    ctx.length = end - start
    ctx.response.content = Part(content, start, end)
