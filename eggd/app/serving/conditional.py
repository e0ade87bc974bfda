"""`await conditional(ctx)`: 304, 412, 416 or ranges of a body that is set (core:REQ-14).

eggd never calls it: a handler does after it has set the body, or a middleware for many handlers.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

from eggd.app.context.context import Context
from eggd.app.serving.body import payload
from eggd.app.serving.file_pieces import FilePieces
from eggd.app.serving.stream import is_streamed, open_file
from eggd.errors import HttpError
from eggd.wire.conditional import etag_of, etag_of_file, is_refused, range_holds, seconds_of
from eggd.wire.mime import file_type
from eggd.wire.ranges import ByteRange, byte_ranges, part_head, parts_end

_KIND = len("Content-Type: ")


async def conditional(ctx: Context, *, exact: bool = False, ranges: bool = True) -> None:
    """Answers 304 if the client's cached copy is valid, and 206 with the ranges that it asks for.

    The body is a `Path`, a file of `open(path, "rb", buffering=0)`, text, bytes or a value for
    JSON, of GET and HEAD with status 200. ETag, and Last-Modified of a file, are set if they are
    not. With `exact`, If-Modified-Since must be the very date of the file, as one that was replaced
    by an older one has changed, too. Without `ranges` the whole body is the answer, whatever Range
    says. Raises HttpError 404 without such a file, 412 if If-Match fails, 416 for a range outside
    the body (RFC 9110 sections 13 and 14).
    """
    body = ctx.body
    if ctx.method not in ("GET", "HEAD") or ctx.status != 200 or body is None:
        return
    if isinstance(body, Path):
        kind = ctx.type or file_type(body.name)
        ctx.body = body = await open_file(ctx, body)
        ctx.type = kind
    if isinstance(body, FileIO):
        size = _describe(ctx, body)
        _answer(ctx, body, size, exact=exact, ranges=ranges)
    elif not is_streamed(body):
        implied, data = payload(ctx.response)
        ctx.type = ctx.get_field("content-type") or implied[_KIND:-2].decode()
        ctx.body = data
        ctx.etag = ctx.etag or etag_of(data)
        _answer(ctx, data, len(data), exact=exact, ranges=ranges)


def _describe(ctx: Context, file: FileIO) -> int:
    """Sets the fields of an open file, and returns its size."""
    stat = os.fstat(file.fileno())
    if not ctx.last_modified:
        ctx.last_modified = stat.st_mtime
    ctx.etag = ctx.etag or etag_of_file(stat.st_size, stat.st_mtime_ns)
    ctx.type = ctx.get_field("content-type") or "application/octet-stream"
    return stat.st_size


def _answer(ctx: Context, content: bytes | FileIO, size: int, *, exact: bool, ranges: bool) -> None:
    modified = ctx.get_field("last-modified")
    match, since = ctx.get("if-match"), ctx.get("if-unmodified-since")
    if is_refused(match=match, since=since, etag=ctx.etag, modified=modified):
        ctx.body = None  # closes a file
        raise HttpError(412)
    if ctx.fresh and not (exact and _differs(ctx, modified)):
        ctx.body = None  # closes a file, and drops Content-* (RFC 9110 section 15.4.5)
        ctx.status = 304
        return
    ctx.set("Accept-Ranges", "bytes")
    if not isinstance(content, bytes):
        _send(ctx, content, [ByteRange(0, size)])
    if not ranges or ctx.method != "GET":
        return
    if range_holds(ctx.get("if-range"), etag=ctx.etag, modified=modified):
        _cut(ctx, content, size)


def _differs(ctx: Context, modified: str) -> bool:
    """Returns whether If-Modified-Since decides, and is not the date of the content."""
    if ctx.get("if-none-match"):
        return False
    return seconds_of(ctx.get("if-modified-since")) != seconds_of(modified)


def _cut(ctx: Context, content: bytes | FileIO, size: int) -> None:
    try:
        ranges = byte_ranges(ctx.get("range"), size)
    except ValueError as exc:
        ctx.body = None
        raise HttpError(416, headers={"Content-Range": f"bytes */{size}"}) from exc
    if ranges is None:
        return
    ctx.status = 206
    if len(ranges) == 1:
        ctx.set("Content-Range", f"bytes {ranges[0].start}-{ranges[0].end - 1}/{size}")
        _send(ctx, content, ranges)
        return
    boundary, kind = secrets.token_hex(16), ctx.get_field("content-type")
    pieces: list[ByteRange | bytes] = []
    for part in ranges:
        pieces += [part_head(part, size, kind, boundary), part]
    _send(ctx, content, [*pieces, parts_end(boundary)])
    ctx.set("Content-Type", f"multipart/byteranges; boundary={boundary}")


def _send(ctx: Context, content: bytes | FileIO, pieces: Sequence[ByteRange | bytes]) -> None:
    """Sends pieces of the content in place of the body."""
    if isinstance(content, bytes):
        ctx.body = b"".join(
            each if isinstance(each, bytes) else content[each.start : each.end] for each in pieces
        )
        return
    body = FilePieces(content, pieces)
    ctx.length = body.length
    ctx.response.content = body  # the file stays open
