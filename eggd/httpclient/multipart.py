"""Forms with files, `multipart/form-data` (RFC 7578)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from io import BufferedRandom, BufferedReader, FileIO
from pathlib import Path

from eggd.errors import ArgumentError
from eggd.httpclient.content import CHUNK, Body, query_pairs
from eggd.wire.mime import file_type

_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
"""The escapes of a name, as browsers write them (the HTML standard, multipart/form-data)."""


BinaryFile = BufferedReader | BufferedRandom | FileIO


@dataclass(frozen=True, slots=True)
class _Part:
    head: bytes
    content: bytes | Path | BinaryFile
    length: int


def from_files(files: object, fields: object) -> Body:
    """Returns the body of a form: fields, and files by name or in a list.

    A file is a path, bytes or an open binary file. Raises ArgumentError for a file that does not
    exist.
    """
    boundary = os.urandom(16).hex()
    parts = [
        _part(boundary, name, "", value.encode())
        for name, value in (query_pairs(fields, nested=True) if fields is not None else [])
    ]
    parts += [_file_part(boundary, name, file) for name, file in _named(files)]
    if not parts:
        raise ArgumentError("curl: files is empty")
    end = f"--{boundary}--\r\n".encode()
    length = sum(len(part.head) + part.length + 2 for part in parts) + len(end)
    repeatable = all(isinstance(part.content, bytes | Path) for part in parts)
    return Body(
        b"",
        f"multipart/form-data; boundary={boundary}",
        lambda: _chunks(parts, end),
        length,
        repeatable,
    )


def _named(files: object) -> Iterator[tuple[str, object]]:
    """Yields the files, each with the name of its field: `file`, `file1`, ... (as urllib)."""
    if isinstance(files, Mapping):
        for name, file in files.items():
            yield str(name), file
        return
    for number, file in enumerate(files if isinstance(files, list | tuple) else [files]):
        yield f"file{number or ''}", file


def _file_part(boundary: str, name: str, file: object) -> _Part:
    if isinstance(file, bytes | bytearray):
        return _part(boundary, name, name, bytes(file))
    if isinstance(file, str | Path):
        path = Path(file)
        if not path.is_file():
            raise ArgumentError(f"curl: files: {name}: {str(path)!r} is not a file")
        return _part(boundary, name, path.name, path)
    if isinstance(file, BufferedReader | BufferedRandom | FileIO):
        return _part(boundary, name, Path(str(file.name)).name, file)
    raise ArgumentError(
        f"curl: files: {name} must be a path, bytes or an open binary file, "
        f"not {type(file).__name__}"
    )


def _part(boundary: str, name: str, file_name: str, content: bytes | Path | BinaryFile) -> _Part:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name.translate(_ESCAPES)}"'
    if file_name:
        kind = file_type(file_name) or "application/octet-stream"
        head += f'; filename="{file_name.translate(_ESCAPES)}"\r\nContent-Type: {kind}'
    return _Part(f"{head}\r\n\r\n".encode(), content, _length(name, content))


def _length(name: str, content: bytes | Path | BinaryFile) -> int:
    if isinstance(content, bytes):
        return len(content)
    if isinstance(content, Path):
        return content.stat().st_size
    try:
        return os.fstat(content.fileno()).st_size - content.tell()
    except OSError as exc:
        raise ArgumentError(
            f"curl: files: {name} is not a file of known size", hint="read it into bytes"
        ) from exc


async def _chunks(parts: list[_Part], end: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part.head
        if isinstance(part.content, bytes):
            yield part.content
        elif isinstance(part.content, Path):
            file = await asyncio.to_thread(part.content.open, "rb")
            try:
                async for chunk in _exactly(file, part.length):
                    yield chunk
            finally:
                file.close()
        else:
            async for chunk in _exactly(part.content, part.length):
                yield chunk
        yield b"\r\n"
    yield end


async def _exactly(file: BinaryFile, length: int) -> AsyncIterator[bytes]:
    """Yields `length` bytes: the length of the body is already sent."""
    while length:
        chunk = await asyncio.to_thread(file.read, min(CHUNK, length))
        if not chunk:
            raise ArgumentError("curl: files: a file became shorter while it was sent")
        length -= len(chunk)
        yield chunk
