"""The agent's part of the messages among hosts: between its processes and the engine."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine
from typing import cast

from eggd import (
    Agent,
    ClusterMessenger,
    MessengerError,
    NoPeerError,
    OutboxFullError,
    Sender,
    __version__,
)
from eggd.plugins.fleet.engine import Client, Engine
from eggd.plugins.fleet.engine_outage import EngineOutage
from eggd.plugins.fleet.presence import Presence, code_of
from eggd.plugins.fleet.progress import Progress
from eggd.plugins.fleet.reader import Reader
from eggd.plugins.fleet.requests import Requests
from eggd.plugins.fleet.section import FleetConfig
from eggd.plugins.fleet.writer import Record, Writer, is_record

OPENING = 3.0
"""Seconds that a question for the hosts waits for the first answer of the engine."""


class Hub:
    """The messages of one agent; `start` begins to read and write, `close` ends both."""

    def __init__(self, agent: Agent, options: FleetConfig, client: Client) -> None:
        self._agent = agent
        self._max_size = options.max_size
        host = agent.messenger.cluster.host
        engine = Engine(client, f"{agent.name}/{agent.env}", options.backlog, options.keep)
        self._outage = EngineOutage(options.redis, agent.core_logger, agent.redis)
        self._writer = Writer(engine, self._outage, self._taken, self._again)
        self._requests = Requests(
            agent.messenger.cluster, options.max_size, lambda record: self._writer.put(record, 0)
        )
        self._progress = Progress(self._pids, agent.core_logger)
        self._reader = Reader(
            engine,
            host,
            self._outage,
            self._progress,
            self._deliver,
            self._requests.take,
            agent.core_logger,
        )
        # Published when messages are read: what is sent to it then arrives.
        opened, published = self._reader.opened, self._outage.written
        self._presence = Presence(engine, host, self._about, opened, published, agent.core_logger)
        self._tasks: list[asyncio.Task[None]] = []
        self._is_started = False
        self._since = time.time()

    def listen(self) -> None:
        """Takes messages of the processes of this host; before the messenger receives."""
        messenger = self._agent.messenger
        messenger.on(ClusterMessenger.SEND, self._put).on(ClusterMessenger.ACK, self._ack)
        messenger.on_request(ClusterMessenger.REQUEST, self._ask)
        messenger.on_request(ClusterMessenger.HOSTS, self._hosts)

    def start(self) -> None:
        """Begins to write, read and publish; records that a former agent had are sent again."""
        self._is_started = True
        self._agent.messenger.broadcast(ClusterMessenger.AGAIN)
        for work in (
            self._writer.work(),
            self._reader.work(),
            self._reader.save(),
            self._presence.work(),
        ):
            self._run(work)

    def close(self) -> None:
        """Stops reading, writing and publishing."""
        self._requests.close()
        for task in self._tasks:
            task.cancel()

    def _run(self, work: Coroutine[object, object, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    def _put(self, data: object, sender: Sender) -> None:
        if is_record(data):
            record = cast("Record", data)
            if record[4] in ("all", "app", "agent") and len(str(record[6])) <= self._max_size:
                self._writer.put(record, sender.pid)

    def _ack(self, data: object, sender: Sender) -> None:
        if isinstance(data, int):
            self._progress.acknowledge(sender.pid, data)

    async def _ask(self, data: object, sender: Sender) -> list[object]:
        host = data[0] if isinstance(data, list) and data else ""
        if self._outage.is_on or not self._presence.is_known:
            return ClusterMessenger.refusal(NoPeerError, self._outage.text)
        if host not in self._presence.names:
            names = ", ".join(sorted(self._presence.names))
            return ClusterMessenger.refusal(
                NoPeerError, f"host {host!r} does not run (running: {names})"
            )
        return await self._requests.ask(data, sender)

    async def _hosts(self, data: object) -> object:
        """Returns the hosts that run. Raises NoPeerError while the engine is down."""
        if self._outage.is_on:
            raise NoPeerError(self._outage.text)
        try:
            async with asyncio.timeout(OPENING):
                await self._reader.opened.wait()
            return await self._presence.refresh()
        except Exception as exc:  # the client's errors depend on its version
            raise NoPeerError(self._outage.text) from exc

    def _taken(self, pid: int, lane: str, number: object) -> None:
        self._answer(pid, ClusterMessenger.TAKEN, [lane, number])

    def _again(self, pid: int, lane: str, number: object) -> None:
        self._answer(pid, ClusterMessenger.AGAIN, lane)

    def _answer(self, pid: int, action: str, data: object) -> None:
        if not self._is_started:  # an agent sends nothing before (process:IPC-8)
            return
        try:
            self._agent.messenger.send_to(pid, action, data)
        except MessengerError as exc:  # its queue is full: it sends again, and is answered then
            self._agent.core_logger.debug("[egg-fleet] %s", exc)

    def _deliver(self, number: int, records: list[Record]) -> bool:
        """Sends records to all processes; False if the queue to one of them is full."""
        try:
            self._agent.messenger.broadcast(ClusterMessenger.DELIVER, [number, records])
        except OutboxFullError:
            return self._progress.has_slow
        return True

    def _pids(self) -> set[int]:
        ready = {each.pid for each in self._agent.messenger.members if each.state == "ready"}
        return ready | {os.getpid()}

    def _about(self) -> dict[str, object]:
        members = self._agent.messenger.members
        states = [each.state for each in members if each.state != "left"]
        return {
            "eggd": __version__,
            "application": self._agent.name,
            "env": self._agent.env,
            "code": code_of(self._agent.rundir, [m.slot for m in members if m.state == "ready"]),
            "since": self._since,
            "workers": len(states),
            "ready": states.count("ready"),
        }
