"""The server: a listener, its connections, their time limits, and the drain at the end."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass

from eggd.http.accept_page import AcceptPage
from eggd.http.acceptor import Acceptor
from eggd.http.answer import Refuse, default_refusal
from eggd.http.config import HttpConfig
from eggd.http.connection import Connection
from eggd.http.exchange import Exchange
from eggd.http.fixed_fields import FixedFields
from eggd.http.flow import address
from eggd.http.greeting import GreetingError, greeting
from eggd.http.meter import Meter
from eggd.http.shared import Shared
from eggd.http.sweep import Phase, Sweep, phase_of
from eggd.http.tls import why_no_tls
from eggd.wire.networks import Networks

_UNLIMITED = 24 * 3600.0
"""Seconds: asyncio has no value for "without a limit"."""


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures of a server at one moment."""

    requests: int
    """Exchanges handed to `handle` since the start."""

    in_flight: int
    """Exchanges whose answer is not complete."""

    connections: int
    """Connections open now."""


class HttpServer:
    """Serves HTTP/1.1 on one listening socket until it is drained."""

    def __init__(
        self,
        handle: Callable[[Exchange], None],
        config: HttpConfig,
        log: Callable[[str, str], None],
        refuse: Refuse = default_refusal,
        methods: Collection[str] = (),
        *,
        most: int = 0,
    ) -> None:
        """Calls `handle` with every exchange, synchronously, one at a time per connection.

        `handle` answers at once or keeps the exchange and answers later; its exceptions are logged
        and answered with 500. `log` is called with a level and a text, `refuse` for the
        answer to a malformed request. `methods` are served even if the parser does not know them;
        any other unknown method is answered with 501. With `most` open connections a new one is
        closed at once; 0 means no limit but that of descriptors.
        """
        self._most = most
        self._shared: Shared[Connection] = Shared(handle, config, log, self._left, refuse, methods)
        # The next four are set by `start`.
        self._listener: socket.socket | None = None
        self._page: AcceptPage | None = None
        self._acceptor: Acceptor | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tls: ssl.SSLContext | None = None
        # The senders of PROXY headers; None if connections begin without one.
        self._proxies: Networks | None = None
        # The tasks that set up accepted sockets, some of which do a handshake.
        self._opening: dict[Connection, asyncio.Task[None]] = {}
        self._sweep = Sweep(config, self._shared.connections, self._count)
        # Done when the last connection is lost; made by `drain`.
        self._empty: asyncio.Future[None] | None = None

    @property
    def stats(self) -> Stats:
        """The current figures."""
        return Stats(self._shared.requests, self._shared.in_flight, self._count())

    @property
    def meter(self) -> Meter:
        """The counters of the answers and their times since the start."""
        return self._shared.meter

    def fix_fields(self, fixed: FixedFields) -> None:
        """Sends these header fields with every answer; call it before `start`."""
        self._shared.fixed = fixed

    async def start(
        self,
        listener: socket.socket,
        page: AcceptPage | None,
        tls: ssl.SSLContext | None = None,
        proxies: Networks | None = None,
    ) -> None:
        """Accepts connections from `listener`, a listening socket, fairly by `page`.

        listen(2) is not called again. The server closes both. With `tls` every connection begins
        with a handshake; with `proxies` it comes from one of them and begins with a PROXY header.
        """
        self._proxies = proxies
        if tls is not None:
            self._shared.scheme = "https"
            self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._shared.hang_ups.open()
        if listener.family in (socket.AF_INET, socket.AF_INET6):
            # Accepted sockets inherit it (tcp(7)): one call, not one for each connection.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._shared.draining = False
        self._listener = listener
        self._page = page
        self._acceptor = Acceptor(
            listener, page, self._accepted, self._shared.log, self._release_left
        )
        self._acceptor.start()

    def pause_accepting(self) -> None:
        """Stops accepting, and leaves the page: other workers take new connections."""
        if self._acceptor is not None:
            self._acceptor.stop()
        if self._page is not None:
            self._page.close()
            self._page = None

    async def drain(self, timeout: float) -> None:
        """Stops: completes open exchanges and the next request of every connection, then closes.

        An idle connection is kept for the advertised keep-alive time and a little more. After
        `timeout` seconds the remaining connections are dropped and logged.
        """
        self.pause_accepting()
        if self._listener is not None:
            self._listener.close()
        self._shared.draining = True
        for connection in self._shared.connections:
            connection.drain()
        if self._count():
            self._empty = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._empty], timeout=timeout)
        if left := self._count():
            self._shared.log("warn", f"drain: {left} connections cut off after {timeout} s")
        await self._cut_off()

    async def _cut_off(self) -> None:
        for task in list(self._opening.values()):
            task.cancel()
        await asyncio.gather(*self._opening.values(), return_exceptions=True)
        for connection in list(self._shared.connections):
            connection.abort()
        self._shared.hang_ups.close()
        self._sweep.stop()

    def _count(self) -> int:
        connections = self._shared.connections
        return len(connections) + sum(connection not in connections for connection in self._opening)

    def _accepted(self, accepted: socket.socket) -> None:
        assert self._loop is not None
        if self._most and self._count() >= self._most:
            accepted.close()
            return
        connection = Connection(self._shared, self._loop)
        self._opening[connection] = self._loop.create_task(self._open(connection, accepted))
        self._publish()
        self._sweep.start()

    async def _open(self, connection: Connection, accepted: socket.socket) -> None:
        try:
            if self._proxies is not None:
                await self._greet(connection, accepted, self._proxies)
            await self._connect(connection, accepted)
        except (OSError, GreetingError):
            accepted.close()
        finally:
            del self._opening[connection]
            self._changed()

    async def _greet(
        self, connection: Connection, accepted: socket.socket, proxies: Networks
    ) -> None:
        """Gives a connection the client's address of its PROXY header; raises GreetingError."""
        peer = _peer(accepted)
        try:
            header = await greeting(accepted, proxies, self._shared.config.handshake_timeout)
        except GreetingError as exc:
            if reason := str(exc):
                self._shared.log_refused(peer, "PROXY", reason)
            raise
        except asyncio.CancelledError:
            accepted.close()
            raise
        connection.peer = header.source or connection.peer
        if header.tls:
            connection.scheme = "https"

    async def _connect(self, connection: Connection, accepted: socket.socket) -> None:
        """Begins a connection, with a handshake if there is TLS; raises OSError."""
        tls = self._tls
        peer = connection.peer if connection.peer[0] or not tls else _peer(accepted)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection,
                accepted,
                ssl=tls,
                ssl_handshake_timeout=self._shared.config.handshake_timeout if tls else None,
                # The sweep ends what does not move; a slow client may take its time.
                ssl_shutdown_timeout=_UNLIMITED if tls else None,
            )
        except OSError as exc:
            # The client disconnected before, or the handshake failed.
            if reason := why_no_tls(exc):
                self._shared.log_refused(peer, "TLS", reason)
            raise

    def _release_left(self) -> bool:
        """Drops connections whose client closed its sending side; returns whether any existed."""
        left = [each for each in self._shared.connections if phase_of(each) is Phase.LEFT]
        for connection in left:
            connection.abort()
        return bool(left)

    def _left(self) -> None:
        """Handles the loss of a connection."""
        if self._acceptor is not None:
            self._acceptor.connection_closed()
        self._changed()

    def _changed(self) -> None:
        """Publishes the number of connections; an awaited drain may be done."""
        self._publish()
        if self._empty is not None and not self._count() and not self._empty.done():
            self._empty.set_result(None)

    def _publish(self) -> None:
        if self._page is not None:
            self._page.set(self._count())


def _peer(accepted: socket.socket) -> tuple[str, int]:
    """Returns the address and port of the peer; ("", 0) if it has disconnected."""
    try:
        return address(accepted.getpeername())
    except OSError:
        return "", 0
