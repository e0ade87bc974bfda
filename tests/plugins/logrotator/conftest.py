from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from eggd import Agent, Timers
from eggd.log import LoggerConfig, Loggers, setup_console
from eggd.messenger import Member
from eggd.plugins.logrotator.on_command import subscribe_commands
from eggd.plugins.logrotator.reopening import subscribe_reopening
from eggd.plugins.logrotator.rotator import Rotator
from eggd.plugins.logrotator.section import LogrotatorConfig


class Loopback:
    """A messenger that delivers to this process, with answers from any worker."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.sent: list[tuple[str, Any]] = []
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.on_member: list[Callable[[list[Member]], None]] = []

    def on(self, action: str, handler: Callable[..., Any]) -> None:
        self.handlers[action] = handler

    def on_members(self, callback: Callable[[list[Member]], None]) -> None:
        self.on_member.append(callback)

    def on_request(self, action: str, handler: Callable[..., Any]) -> Loopback:
        self.handlers[action] = handler
        return self

    def broadcast(self, action: str, data: object = None) -> None:
        self.sent.append((action, data))
        self.handlers[action](data)

    def send_to_agent(self, action: str, data: object = None) -> None:
        self.answer(action, data, os.getpid())

    def answer(self, action: str, data: object, pid: int) -> None:
        self.handlers[action](data, SimpleNamespace(pid=pid))


class Host:
    """An agent as the plugin sees it, with real loggers."""

    type = "agent"

    def __init__(self, root: Path) -> None:
        self.state_dir = root
        self.journal = root / "journal"
        self._out = self.journal.open("a")
        self.console = setup_console(None, "x", {"INVOCATION_ID": "1"}, self._out.fileno())
        config = LoggerConfig(dir=str(root / "logs"))
        self.loggers = Loggers(config, "shop", "agent", "prod", self.console)
        self.core_logger = self.loggers.core_logger
        self.config = SimpleNamespace(logrotator=LogrotatorConfig())
        self.messenger = Loopback()
        self.timers = Timers()
        self.logrotator: Rotator | None = None
        subscribe_reopening(cast("Agent", self))

    def rotator(self) -> Rotator:
        return Rotator(cast("Agent", self))

    def rotate(self, *args: Any) -> list[str]:
        """The new names of one rotation by a new agent."""
        return [path.name for path in asyncio.run(self.rotator().rotate(*args))]

    def command(self, action: str) -> Any:
        """The answer to a request of `eggd logs`."""
        subscribe_commands(cast("Agent", self), self.rotator())
        return asyncio.run(self.messenger.handlers[action](None))

    @property
    def lines(self) -> list[str]:
        return self.journal.read_text().splitlines()

    def close(self) -> None:
        self.loggers.close()
        self.console.close()
        self._out.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)
    yield host
    host.close()


@pytest.fixture
def logs(host: Host) -> Path:
    return host.loggers.dir
