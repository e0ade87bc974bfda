"""The response to a request of the HTTP client (core:HTTP-3)."""

from __future__ import annotations

import codecs
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message
from typing import Generic, NoReturn, Protocol, TypeVar

from eggd.httpclient.details import ResponseDetails
from eggd.httpclient.errors import JSONResponseFormatError
from eggd.httpclient.headers import ResponseHeaders

Data = TypeVar("Data", covariant=True)


class Source(Protocol):
    """The body of a response that is still arriving."""

    async def next_chunk(self) -> bytes:
        """Returns the next bytes, b"" at the end."""
        ...

    def abort(self) -> None:
        """Closes the connection of an incomplete body."""


class BodyStream:
    """The body of a response that is read while it arrives: `async for chunk in response.data`.

    A slow reader slows the server down. `close()` ends it early, as the end of a `async with` and
    the collection of an object that is not used any more.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ended = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        chunk = b"" if self._ended else await self._source.next_chunk()
        if not chunk:
            self._ended = True
            raise StopAsyncIteration
        return chunk

    async def read(self, limit: int = 16 * 1024 * 1024) -> bytes:
        """Returns the rest of the body. Raises EOFError if it has more than `limit` bytes."""
        chunks, size = [], 0
        async for chunk in self:
            size += len(chunk)
            if size > limit:
                self.close()
                raise EOFError(f"the body has more than {limit} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    def close(self) -> None:
        """Ends the stream; a connection with an incomplete body is closed."""
        if not self._ended:
            self._ended = True
            self._source.abort()

    async def aclose(self) -> None:
        """Does the same; for `contextlib.aclosing`."""
        self.close()

    async def __aenter__(self) -> BodyStream:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


@dataclass(slots=True, kw_only=True)
class HttpClientResponse(Generic[Data]):
    """A response; one with status 400 or above is one, too, not an error."""

    status: int
    """The status."""
    headers: ResponseHeaders
    """The header fields."""
    data: Data
    """The body by `data_type`: bytes, text, the value of the JSON or a `BodyStream`; None for a
    JSON body that is empty, and with `write_stream`."""
    res: ResponseDetails
    """Times, URLs and the connection."""


def decoded(body: bytes, data_type: str, res: ResponseDetails, subject: str) -> object:
    """Returns the body by `data_type`. Raises JSONResponseFormatError."""
    if data_type == "json":
        return _json(body, res, subject)
    if data_type == "text":
        return body.decode(_charset(res.headers), "replace")
    return body


def _charset(headers: ResponseHeaders) -> str:
    kind = headers.get("content-type", "")
    if "charset" not in kind:
        return "utf-8"
    message = Message()
    message["Content-Type"] = kind
    name = str(message.get_param("charset", "utf-8"))
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return "utf-8"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not valid JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
"""Made once: `json.loads` with an option makes a decoder for each call."""


def _json(body: bytes, res: ResponseDetails, subject: str) -> object:
    """Returns the value of a JSON text; None for an empty one (core:HTTP-3)."""
    if not body.strip():
        return None
    try:
        value: object = _DECODER.decode(body.decode(json.detect_encoding(body)))
    except (ValueError, RecursionError) as exc:
        reason = exc.msg if isinstance(exc, json.JSONDecodeError) else type(exc).__name__
        error = JSONResponseFormatError(
            f"the response is not JSON: {subject}, status {res.status}, "
            f"{len(body)} bytes: {reason}",
            hint="data_type='text' returns it as it came",
        )
        error.status, error.headers, error.res = res.status, res.headers, res
        raise error from None
    return value
