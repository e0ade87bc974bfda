"""The body of a request: JSON, a form, raw bytes, a stream, or a form with files (core:HTTP-4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from eggd.errors import ArgumentError

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
CHUNK = 64 * 1024
_TYPES = {"json": JSON, "form": FORM, "text": "text/plain; charset=utf-8"}
_DEPTH = 20
"""Levels of a nested query string."""


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request."""

    data: bytes = b""
    """The bytes; empty if `source` yields them."""
    type: str = ""
    """Its Content-Type; empty: the request has no such field."""
    source: Callable[[], AsyncIterator[bytes]] | None = None
    """Returns the chunks of a body that is sent while it is read."""
    length: int | None = None
    """The number of bytes of the source; None: unknown, sent in chunks."""
    repeatable: bool = True
    """Whether it can be sent again."""


def from_data(data: object, content_type: str, *, nested: bool) -> Body:
    """Returns the body of `data`: text and bytes as they are, else JSON or a form.

    Raises ArgumentError for a value that cannot be encoded.
    """
    kind = _TYPES.get(content_type, content_type)
    if isinstance(data, bytes | bytearray):
        return Body(bytes(data), kind)
    if isinstance(data, str):
        return Body(data.encode(), kind or FORM)
    if kind.partition(";")[0].strip().endswith(("/json", "+json")):
        return Body(to_json(data), kind)
    if kind and kind.partition(";")[0].strip() != FORM:
        raise ArgumentError(
            f"curl: data must be text or bytes with content_type {content_type!r}, "
            f"not {type(data).__name__}",
            hint="content_type='json' or 'form' encode values",
        )
    return Body(query_string(data, nested=nested).encode(), kind or FORM)


def from_content(content: object, content_type: str) -> Body:
    """Returns a raw body."""
    if not isinstance(content, bytes | bytearray | str):
        raise ArgumentError(
            f"curl: content must be bytes or text, not {type(content).__name__}",
            hint="use data, or stream",
        )
    data = content.encode() if isinstance(content, str) else bytes(content)
    return Body(data, _TYPES.get(content_type, content_type))


def from_stream(stream: object, content_type: str, length: int | None) -> Body:
    """Returns a body that is sent while `stream` produces it."""
    if isinstance(stream, str | bytes | Mapping) or not (
        hasattr(stream, "__aiter__") or hasattr(stream, "__iter__") or hasattr(stream, "read")
    ):
        raise ArgumentError(
            "curl: stream must be an iterable of bytes or an open binary file, "
            f"not {type(stream).__name__}",
            hint="use content for bytes",
        )
    kind = _TYPES.get(content_type, content_type)
    return Body(b"", kind, lambda: chunks_of(stream), length, repeatable=False)


async def chunks_of(stream: object) -> AsyncIterator[bytes]:
    """Yields the chunks of an iterable or a file; a file is read in threads."""
    if isinstance(stream, AsyncIterable):
        async for chunk in stream:
            yield _checked_chunk(chunk)
    elif hasattr(stream, "read"):
        read: Callable[[int], object] = getattr(stream, "read")  # noqa: B009  # an object
        while chunk := await asyncio.to_thread(read, CHUNK):
            yield _checked_chunk(chunk)
    elif isinstance(stream, Iterable):
        for chunk in stream:
            yield _checked_chunk(chunk)


def _checked_chunk(chunk: object) -> bytes:
    if not isinstance(chunk, bytes | bytearray | memoryview):
        raise ArgumentError(f"curl: stream must yield bytes, not {type(chunk).__name__}")
    return bytes(chunk)


def to_json(data: object) -> bytes:
    """Returns compact JSON; raises ArgumentError for a value that JSON does not have."""
    try:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except (TypeError, ValueError, RecursionError) as exc:
        raise ArgumentError(f"curl: data cannot be written as JSON: {exc}") from exc


def query_string(data: object, *, nested: bool) -> str:
    """Returns a mapping, or pairs, as a query string; text without its leading "?"."""
    if isinstance(data, str):
        return data.removeprefix("?")
    return urlencode(query_pairs(data, nested=nested), quote_via=quote)


def query_pairs(data: object, *, nested: bool) -> list[tuple[str, str]]:
    """Returns the keys and values of a form or a query.

    A list repeats its key; with `nested`, mappings and lists become `a[b]=1` and `a[0]=1`, else a
    value that is neither text nor a number is an ArgumentError.
    """
    if isinstance(data, Mapping):
        data = data.items()
    elif not isinstance(data, list | tuple):
        raise ArgumentError(
            f"curl: data must be a mapping to be a form or a query, not {type(data).__name__}",
            hint="content_type='json' sends other values",
        )
    pairs: list[tuple[str, str]] = []
    for pair in data:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ArgumentError("curl: data must be pairs of a key and a value")
        key, value = pair
        pairs += _nested(str(key), value, 0) if nested else _flat(str(key), value)
    return pairs


def _flat(key: str, value: object) -> list[tuple[str, str]]:
    values = value if isinstance(value, list | tuple) else [value]
    return [(key, _text(key, each)) for each in values]


def _nested(key: str, value: object, depth: int) -> list[tuple[str, str]]:
    if depth > _DEPTH:
        raise ArgumentError(f"curl: data is nested deeper than {_DEPTH} levels")
    if isinstance(value, Mapping):
        entries = [(str(name), entry) for name, entry in value.items()]
    elif isinstance(value, list | tuple):
        entries = [(str(number), entry) for number, entry in enumerate(value)]
    else:
        return [(key, _text(key, value))]
    return [pair for name, entry in entries for pair in _nested(f"{key}[{name}]", entry, depth + 1)]


def _text(key: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ArgumentError(
        f"curl: data: {key!r} must be text or a number in a form or a query, "
        f"not {type(value).__name__}",
        hint="nested_querystring=True, or content_type='json'",
    )
