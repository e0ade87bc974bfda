"""What all connections of a server share; whoever changes it changes it for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextvars import copy_context
from traceback import format_exc
from typing import Any

from eggd.http.answer import Clock
from eggd.http.config import HttpConfig
from eggd.http.exchange import Exchange
from eggd.http.hangup import HangUps
from eggd.http.refusal import Refuse, usual
from eggd.http.sweep import Limited
from eggd.masking.secrets import without_secrets


class Shared:
    """The server as its connections see it."""

    __slots__ = (
        "clock",
        "config",
        "connections",
        "context",
        "draining",
        "handle",
        "hang_ups",
        "left",
        "log",
        "methods",
        "refuse",
        "requests",
        "scheme",
        "tasks",
    )

    def __init__(
        self,
        handle: Callable[[Exchange], None],
        config: HttpConfig,
        log: Callable[[str, str], None],
        left: Callable[[], None],
        refuse: Refuse = usual,
        methods: Collection[str] = (),
    ) -> None:
        """Takes the server's parts; `left` is called when a connection has ended."""
        self.methods = methods
        self.handle = handle
        self.config = config
        self.log = log
        self.left = left
        self.refuse = refuse
        self.clock = Clock(config.keep_alive_timeout)
        self.connections: set[Limited] = set()
        self.context = copy_context()
        self.hang_ups = HangUps()
        self.draining = False
        self.requests = 0
        self.scheme = "http"
        self.tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Does what a connection has to wait for."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def log_refused(self, peer: object, code: object, reason: str) -> None:
        """Logs why a client is turned away (core:APP-8)."""
        host, port = address(peer)
        self.log("warn", f"A client ({host}:{port}) error [{code}] occurred: {reason}")

    def log_failure(self, exchange: Exchange) -> None:
        """Logs the exception that is being handled: a bug above, and this client's alone."""
        self.log("error", f"{exchange!r} failed\n{without_secrets(format_exc())}")


def address(peer: object) -> tuple[str, int]:
    """Returns address and port of a socket's name; that of a Unix socket has neither."""
    return tuple(peer[:2]) if isinstance(peer, tuple) else ("", 0)
