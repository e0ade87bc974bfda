"""One request and its response on one handle of libcurl."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable

import pycurl

from eggd.httpclient.config import HttpClientConfig
from eggd.httpclient.details import Timing
from eggd.httpclient.errors import (
    HttpClientError,
    HttpClientRequestError,
    HttpClientSizeError,
    IllegalAddressError,
)
from eggd.httpclient.handle import prepare
from eggd.httpclient.headers import ResponseHeaders, parse_lines
from eggd.httpclient.limits import Clock, phase
from eggd.httpclient.multi import Multi
from eggd.httpclient.outgoing import Outgoing
from eggd.httpclient.upload import Upload

HEAD_LIMIT = 64 * 1024
"""Bytes of a response's head."""
BUFFER = 256 * 1024
"""Bytes of a streamed body that wait for a slow reader before the server has to wait."""

REDIRECTS = frozenset((301, 302, 303, 307, 308))
REDIRECT_BODY = 16 * 1024
"""Bytes of the body of a followed redirect that are read to keep the connection."""

_VERSIONS = {1: "1.0", 2: "1.1", 3: "2", 30: "3"}


class LentSocket:
    """A socket of which pycurl takes a duplicate; the original is closed with this object."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def fileno(self) -> int:
        """Returns the descriptor to duplicate."""
        return self._sock.fileno()

    def __del__(self) -> None:
        self._sock.close()


class Transfer:
    """One attempt: from the start to the end of the response, or to its error.

    Callbacks of libcurl must not raise and must not end a transfer: they set `failure` and return
    an error to libcurl, which then ends it.
    """

    def __init__(self, multi: Multi, outgoing: Outgoing, config: HttpClientConfig) -> None:
        self._loop = multi.loop
        self._multi = multi
        self.outgoing = outgoing
        self.curl = multi.handle()
        self.upload: Upload | None = None
        self.status = -1
        self.headers = ResponseHeaders()
        self.timing = Timing()
        self.size = 0
        self.remote_address = ""
        self.reused = False
        self.version = ""
        self.failure: BaseException | None = None
        """The error that the response ends with; set before libcurl ends the transfer."""
        self.head_ended = False
        """Whether the head of the final response is complete."""
        self.truncated = False
        """Whether the rest of the body of a redirect was not read."""
        self.ended = False
        self._error: BaseException | None = None
        self._lines: list[bytes] = []
        self._head_size = 0
        # The chunks that no reader has taken yet.
        self._chunks: deque[bytes] = deque()
        self._challenged = False
        self._waiting = 0
        self._reader: asyncio.Future[None] | None = None
        self._paused = False
        # The last time at which something arrived, or a part of the request's body was sent.
        self.active = self.began = self._loop.time()
        self._clock = Clock(self, multi.loop)
        prepare(self, config)

    def start(self) -> None:
        """Begins to send."""
        self._multi.start(self)
        if self.upload is not None:
            self.upload.start()
        self._clock.start()

    async def head(self) -> None:
        """Returns when the head of the response is complete. Raises HttpClientError."""
        await self._until(lambda: self.head_ended)
        if not self.ended:
            self._note()

    async def end(self) -> None:
        """Returns when the response is complete. Raises HttpClientError."""
        await self._until(lambda: False)

    def content(self) -> bytes:
        """Returns the complete body."""
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    async def _until(self, is_done: Callable[[], bool]) -> None:
        try:
            while not (self.ended or is_done()):
                await self._arrival()
        except asyncio.CancelledError:
            self.abort()
            raise
        if self._error is not None and not is_done():
            raise self._error

    async def next_chunk(self) -> bytes:
        """Returns the next bytes of the body, b"" at its end. Raises HttpClientError."""
        while not self._chunks and not self.ended:
            self.active = self._loop.time()
            await self._arrival()
        if not self._chunks:
            if self._error is not None:
                raise self._error
            return b""
        chunk = self._chunks.popleft()
        self._waiting -= len(chunk)
        if self._paused and self._waiting < BUFFER // 2:
            self._paused = False
            self.resume()
        return chunk

    async def _arrival(self) -> None:
        self._reader = self._loop.create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    def abort(self) -> None:
        """Ends an incomplete transfer whose body is not read any more."""
        self.fail(HttpClientRequestError(f"{self.outgoing.subject}: the stream is closed"))

    def resume(self) -> None:
        """Continues both directions as far as each has something to do."""
        if not self.ended:
            waits = self.upload is not None and self.upload.waits
            receive = pycurl.PAUSE_RECV if self._paused else pycurl.PAUSE_CONT
            self.curl.pause(receive | (pycurl.PAUSE_SEND if waits else pycurl.PAUSE_CONT))

    def touch(self) -> None:
        """Notes that the request's body went on."""
        self.active = self._loop.time()

    # Callbacks of libcurl.

    def on_header(self, line: bytes) -> int | None:
        """Takes a line of a head; a new status line begins another head."""
        if line.startswith(b"HTTP/"):
            self._begin_head(line)
        elif self.head_ended:
            return None  # a trailer
        elif line.rstrip(b"\r\n"):
            self._lines.append(line)
        elif self.status >= 200:
            self._end_head()
        self._head_size += len(line)
        if self._head_size > HEAD_LIMIT:
            return self._refuse(
                HttpClientSizeError(
                    f"{self.outgoing.subject}: the head of the response has more than "
                    f"{HEAD_LIMIT} bytes"
                )
            )
        return None

    def _begin_head(self, line: bytes) -> None:
        self._lines, self._head_size, self.head_ended = [], 0, False
        code = line.split(None, 2)[1]
        self.status = int(code) if code.isdigit() else 0

    def on_body(self, data: bytes) -> int | None:
        """Takes decompressed bytes of the body."""
        self.active = self._loop.time()
        if self.outgoing.streams and self._waiting > BUFFER:
            self._paused = True
            return int(pycurl.WRITEFUNC_PAUSE)
        self.size += len(data)
        if self.redirects:
            self.truncated = self.size > REDIRECT_BODY
            return -1 if self.truncated else None
        limit = self.outgoing.limits.size
        if limit and self.size > limit:
            return self._refuse(
                HttpClientSizeError(
                    f"{self.outgoing.subject}: the response has more than {limit} bytes",
                    hint="raise max_size, or use data_type='stream'",
                )
            )
        self._chunks.append(data)
        self._waiting += len(data)
        if self.outgoing.streams:
            self._wake()
        return None

    def on_open(self, purpose: int, address: tuple[int, int, int, tuple[str, int]]) -> object:
        """Returns the socket for a connection, if `check_address` allows it."""
        family, kind, protocol, place = address
        if not self._allows(family, place[0]):
            return pycurl.SOCKET_BAD
        return LentSocket(socket.socket(family, kind, protocol))

    def _allows(self, family: int, address: str) -> bool:
        check = self.outgoing.check_address
        if check is None or self.failure is not None:
            return self.failure is None
        host = self.outgoing.url.host
        try:
            allowed = check(address, 6 if family == socket.AF_INET6 else 4, host) is True
        except Exception as exc:
            self.failure = exc
            return False
        if not allowed:
            self.failure = IllegalAddressError(self.outgoing.subject, host, address)
        return allowed

    def _refuse(self, error: HttpClientError) -> int:
        self.failure = self.failure or error
        return -1

    @property
    def redirects(self) -> bool:
        """Whether the response is a redirect that the client follows."""
        return self.outgoing.follows and self.status in REDIRECTS and "location" in self.headers

    def _end_head(self) -> None:
        if self.outgoing.digest and self.status == 401 and not self._is_last_401():
            return
        self.headers = parse_lines(self._lines)
        self.head_ended = True
        self.active = self._loop.time()
        self._clock.read_body()
        if self.outgoing.streams:
            self._wake()

    def _is_last_401(self) -> bool:
        """Whether the answer to credentials is 401, or the challenge is not one of Digest."""
        challenged, self._challenged = self._challenged, True
        digest = any(
            line[:24].lower().startswith(b"www-authenticate: digest") for line in self._lines
        )
        return challenged or not digest

    # The end.

    def finish(self, number: int, text: str) -> None:
        """Takes the end of the transfer from `Multi`."""
        if number and self.failure is None and not self.truncated:
            self.failure = self._curl_error(number, text)
        self._note()
        self._done(self.failure)

    def fail(self, error: BaseException) -> None:
        """Ends an incomplete transfer outside of a callback; its connection is closed."""
        if not self.ended:
            self._note()
            self._multi.drop(self)
            self._done(error)

    def _done(self, error: BaseException | None) -> None:
        self.ended, self._error = True, error
        self._clock.stop()
        if self.upload is not None:
            self.upload.stop()
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _note(self) -> None:
        """Keeps the figures of the handle, which is reset at the end."""
        get: Callable[[int], float] = self.curl.getinfo
        self.timing = Timing(
            dns_lookup=get(pycurl.NAMELOOKUP_TIME),
            connected=get(pycurl.CONNECT_TIME),
            tls=get(pycurl.APPCONNECT_TIME),
            request_sent=get(pycurl.PRETRANSFER_TIME),
            waiting=get(pycurl.STARTTRANSFER_TIME),
            content_download=get(pycurl.TOTAL_TIME),
        )
        self.remote_address = str(self.curl.getinfo(pycurl.PRIMARY_IP) or "")
        self.version = _VERSIONS.get(self.curl.getinfo(pycurl.INFO_HTTP_VERSION), "")
        self.reused = self.curl.getinfo(pycurl.NUM_CONNECTS) == 0 and self.status > 0

    def _curl_error(self, number: int, text: str) -> HttpClientError:
        path = self.outgoing.socket_path
        by = f" by {path}" if path else ""
        error = HttpClientRequestError(
            f"{self.outgoing.subject}{by}: {text or 'failed'} ({phase(self)}, "
            f"{self._loop.time() - self.began:.3f} s)"
        )
        error.code = number
        return error

    @property
    def is_slow_reader(self) -> bool:
        """Whether the reader of a streamed body has not taken what has arrived."""
        return self._paused or (self.outgoing.streams and self._reader is None)
