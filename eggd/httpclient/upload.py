"""The body of a request that is sent in pieces; libcurl asks for one when it can send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pycurl

from eggd.httpclient.content import Body

BUFFER = 256 * 1024
"""Bytes of a source that are read ahead."""


class Upload:
    """Hands bytes to libcurl; the chunks of a source are read up to `BUFFER` bytes ahead."""

    def __init__(
        self, body: Body, resume: Callable[[], None], fail: Callable[[BaseException], None]
    ) -> None:
        self._body = body
        self._resume = resume
        self._fail = fail
        self.length = len(body.data) if body.source is None else body.length
        """The number of bytes, None if unknown."""
        # The bytes of a body without a source, which libcurl may send again, and the position.
        self._data = memoryview(body.data)
        self._at = 0
        # The bytes of the source that libcurl has not taken yet.
        self._buffer = bytearray()
        self._complete = body.source is None
        self.waits = False
        """Whether libcurl has paused the request because the source has nothing yet."""
        self.sent = False
        """Whether libcurl has taken all of the body."""
        self._room = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to read the source, if there is one."""
        if self._body.source is not None:
            self._pump = asyncio.create_task(self._run(self._body.source()), name="curl upload")

    def stop(self) -> None:
        """Ends the reading of the source; a generator is closed."""
        if self._pump is not None:
            self._pump.cancel()

    def on_read(self, size: int) -> bytes | int:
        """Returns the next bytes to libcurl, b"" at the end (CURLOPT_READFUNCTION)."""
        if self._body.source is None:
            chunk = bytes(self._data[self._at : self._at + size])
            self._at += len(chunk)
            self.sent = self._at == len(self._data)
            return chunk
        if self._buffer:
            return self._take(size)
        if self._complete:
            self.sent = True
            return b""
        self.waits = True
        return int(pycurl.READFUNC_PAUSE)

    def _take(self, size: int) -> bytes:
        chunk = bytes(self._buffer[:size])
        del self._buffer[:size]
        if len(self._buffer) < BUFFER:
            self._room.set()
        return chunk

    def on_seek(self, offset: int, origin: int) -> int:
        """Begins again for a connection that was closed while idle (CURLOPT_SEEKFUNCTION)."""
        if self._body.source is not None or origin != 0:
            return int(pycurl.SEEKFUNC_FAIL)
        self._at, self.sent = offset, False
        return int(pycurl.SEEKFUNC_OK)

    async def _run(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            async for chunk in chunks:
                self._buffer += chunk
                self._continue()
                if len(self._buffer) >= BUFFER:
                    self._room.clear()
                    await self._room.wait()
        except Exception as exc:
            self._fail(exc)
            return
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()
        self._complete = True
        self._continue()

    def _continue(self) -> None:
        if self.waits:
            self.waits = False
            self._resume()
