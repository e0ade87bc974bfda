"""The objects that all connections of a server share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextvars import copy_context
from traceback import format_exc
from typing import Generic, TypeVar

from eggd.errors import HttpError
from eggd.http.answer import Clock, Refusal, Refuse, default_refusal, error_page
from eggd.http.config import HttpConfig
from eggd.http.exchange import Exchange
from eggd.http.fixed_fields import NO_FIELDS
from eggd.http.hangup import HangUps
from eggd.http.meter import CountedConnection, Meter, is_open
from eggd.masking.secrets import without_secrets

C = TypeVar("C", bound=CountedConnection)
"""The class of the connections, which is defined above this module."""


class Shared(Generic[C]):
    """The server as its connections see it."""

    __slots__ = (
        "clock",
        "config",
        "connections",
        "context",
        "draining",
        "fixed",
        "handle",
        "hang_ups",
        "log",
        "meter",
        "methods",
        "on_connection_lost",
        "refuse",
        "scheme",
        "tasks",
    )

    def __init__(
        self,
        handle: Callable[[Exchange], None],
        config: HttpConfig,
        log: Callable[[str, str], None],
        on_connection_lost: Callable[[], None],
        refuse: Refuse = default_refusal,
        methods: Collection[str] = (),
    ) -> None:
        """Takes the server's parts (`HttpServer`)."""
        self.handle = handle
        self.config = config
        self.log = log
        self.on_connection_lost = on_connection_lost
        self.refuse = refuse
        self.methods = methods
        self.clock = Clock(config.keep_alive_timeout)
        self.fixed = NO_FIELDS
        """The header fields of every answer; set before the first connection."""
        self.connections: set[C] = set()
        """The open connections; each adds and removes itself."""
        self.context = copy_context()
        """The context of every request that no event of the socket starts."""
        self.hang_ups = HangUps()
        self.draining = False
        self.meter = Meter()
        """The counters of the answers."""
        self.scheme = "http"
        self.tasks: set[asyncio.Task[None]] = set()
        """Running tasks of `run`: the event loop itself keeps weak references only."""

    @property
    def in_flight(self) -> int:
        """Exchanges whose answer is not complete."""
        return sum(map(is_open, self.connections))

    @property
    def requests(self) -> int:
        """Exchanges handed to `handle` since the start."""
        return self.meter.requests + self.in_flight

    def run(self, work: Coroutine[object, object, None]) -> None:
        """Runs a coroutine in a task."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def refuse_connection(
        self, error: HttpError, peer: tuple[str, int], send: Callable[[Refusal], None]
    ) -> None:
        """Logs why a client is refused, and sends the answer, now or when it is ready."""
        self.log_refused(peer, error.status, error.message)
        refusal = self.refuse(error, peer)
        if isinstance(refusal, Refusal):
            send(refusal)
        else:
            self.run(_sent(refusal, send))

    def log_refused(self, peer: tuple[str, int], code: object, reason: str) -> None:
        """Logs why a client is refused (core:APP-8)."""
        host, port = peer
        self.log("warn", f"A client ({host}:{port}) error [{code}] occurred: {reason}")

    def fail(self, exchange: Exchange) -> None:
        """Handles an exception of `handle`: logs it, answers 500 and closes."""
        self.log_failure(exchange)
        if exchange.finished:
            return
        exchange.close_after()
        if exchange.started:
            exchange.disconnect()
        else:
            exchange.send(500, b"Content-Type: text/html; charset=utf-8\r\n", error_page(500))

    def log_failure(self, exchange: Exchange) -> None:
        """Logs the exception that is being handled, an error of the handler."""
        self.log("error", f"{exchange!r} failed\n{without_secrets(format_exc())}")


async def _sent(refusal: Awaitable[Refusal], send: Callable[[Refusal], None]) -> None:
    send(await refusal)
