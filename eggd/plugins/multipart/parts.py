"""The parts of a form: fields and files (process:MP-20)."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from eggd.plugins.multipart.sniffing import PREFIX, media_type_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPart:
    """A field of the form."""

    name: str
    """The name of the field, as sent: brackets have no meaning."""
    value: str
    """The value as text."""
    mime: str = "text/plain"
    """The media type that the client claims."""
    is_file: Literal[False] = False
    """False: tells it from a `FilePart`."""


@dataclass(slots=True, kw_only=True)
class FilePart:
    """A file of the form, to be read once: `async for chunk in part`, or `await part.read()`.

    What is not read when the next part is asked for is skipped.
    """

    field: str
    """The name of the form's field."""
    filename: str
    """The client's name of the file, checked, without folders; never use it as a path."""
    mime: str = "application/octet-stream"
    """The media type that the client claims."""
    transfer_encoding: str = "7bit"
    """Content-Transfer-Encoding, which is not decoded (RFC 7578 section 4.7)."""
    fields: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """The fields before the file."""
    is_file: Literal[True] = True
    """True: tells it from a `FieldPart`."""
    size: int = 0
    """Bytes read so far."""
    is_complete: bool = False
    """Whether all of it has been read."""
    prefix: bytes = b""
    """The first bytes that were read, for `detected_mime`."""
    more: Callable[[], Awaitable[bytes]] | None = None
    """Returns the next bytes, b"" at the end; None for an empty part."""

    @property
    def detected_mime(self) -> str:
        """The media type of the bytes read so far by their signature, "" if it is unknown."""
        return media_type_of(self.prefix)

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yields the content as it arrives; the client waits while the caller does not iterate.

        Raises MultipartFileTooLargeError 413 at `file_size`, HttpError 400 if the body is cut.
        """
        return self

    async def __anext__(self) -> bytes:
        data = b"" if self.is_complete or self.more is None else await self.more()
        if not data:
            raise StopAsyncIteration
        self.size += len(data)
        if len(self.prefix) < PREFIX:
            self.prefix = (self.prefix + data[:PREFIX])[:PREFIX]
        return data

    async def read(self) -> bytes:
        """Returns the rest of the content, which `file_size` limits; raises as iterating does."""
        return b"".join([chunk async for chunk in self])


Part = FieldPart | FilePart
