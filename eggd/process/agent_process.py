"""The agent: the work that only one process of a suite may do.

Membership, the readiness of the suite, log rotation, file watching, and the app's `agent.py`.
Workers wait for the agent, so it starts fast and never sleeps. It survives uncaught exceptions.
"""

from __future__ import annotations

import asyncio
import os
import socket

from eggd.app.agent import Agent
from eggd.app.assemble import assemble
from eggd.app.cluster_config import ClusterConfig
from eggd.app.loading.dump import dump
from eggd.app.timeline import dump_timing
from eggd.errors import EggError, ListenError
from eggd.failure import describe
from eggd.host import drain
from eggd.host.enabled import enabled_slots, wants
from eggd.identityfile import reloading
from eggd.log.levels import ERROR
from eggd.masking.secrets import public_line
from eggd.messenger import Member, Messenger, MessengerConfig
from eggd.process.agent_control import AgentControl
from eggd.process.agent_status import AgentStatus
from eggd.process.bootstrap import Process
from eggd.process.health import Health
from eggd.process.identity import announce
from eggd.process.lifetime import Lifetime, run_on_loop
from eggd.process.metrics import Metrics
from eggd.process.reconciliation import Reconciliation
from eggd.process.recycling import TURN
from eggd.process.stop_limit import stop_limit
from eggd.process.uncaught import Failures, catch_uncaught
from eggd.suite.metrics import REPORT
from eggd.suite.names import SuiteNames
from eggd.systemd import Watchdog, adopt

START_LIMIT = 25.0
"""Seconds to ready, which TimeoutStartSec=5 of the unit is extended to while the loop turns."""

_TRACEBACK = "Traceback (most recent call last):"

LOADED = ("config/*.py", "agent.py", "section.py", "plugin.toml")
"""The files of a load unit that every agent loads."""


class AgentProcess:
    """Connects the agent side of the app, the messenger and the status file."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.messenger = Messenger(
            "agent",
            0,
            MessengerConfig(directory=str(process.rundir)),
            self._log,
            enabled=self._enabled,
        )
        self.app = assemble(Agent, process.host(), self.messenger)
        self.control = AgentControl(process.rundir, self.messenger)
        self.lifetime = Lifetime()
        self.failures = Failures()
        self.suite = Reconciliation(lambda: reloading(process.rundir), self._log)
        self.health = Health(self.suite.roster, process.rundir, self._log)
        self.metrics = Metrics(
            self.suite.restarts.counts,
            self.app.job_runs,
            self.app.dependencies,
            lambda: self.messenger.send_to_app(REPORT),
            process.rundir,
            self._log,
        )
        self.watchdog = Watchdog(process.notifier, process.activation.watchdog_usec, self._tick)
        self.status = AgentStatus(
            process, self.app, self.messenger, self.failures, self.metrics, self.suite.restarts
        )
        self._is_ready = False
        for unit in self.app.units:
            self.app.loaded_files.add(unit.root, *LOADED)

    async def start(self) -> None:
        """Loads the app, receives messages, and sends READY=1."""
        self.process.limit.dump = self._dump
        async with self.process.limit:
            await self._load()
        self.lifetime.check()
        announce(self.process, [unit.root for unit in self.app.units])
        self._is_ready = True
        self.process.notifier.ready()
        self.messenger.announce("ready")
        self._show(self.messenger.members)
        self.app.core_logger.info("agent of %s (%s) is ready", self.app.name, self.app.env)
        asyncio.get_running_loop().call_soon(dump, self.app)
        dump_timing(self.app)
        await self.app.lifecycle.did_ready()

    async def _load(self) -> None:
        self.watchdog.start()
        self.messenger.on_members(self._show)
        self.app.load_config()
        self.messenger.configure(self.app.config[MessengerConfig])
        loop, log = asyncio.get_running_loop(), self.app.core_logger
        catch_uncaught(loop, log, self._uncaught, failed=self.failures.add)
        self.app.on("error", lambda error, ctx: self.failures.add(describe(error)))
        self.messenger.on("egg-ready", self._suite_ready)
        self.messenger.on_request(TURN, self.suite.turns.ask)
        self.messenger.on(REPORT, self.metrics.take)
        self.messenger.on_request(drain.ACTION, self.health.describe)
        cluster = self.app.config[ClusterConfig]
        self.suite.missing_after = cluster.health.missing_after
        await self.health.open(cluster.health)
        await self.metrics.open(cluster.metrics)
        await self.messenger.open(self._inbox(), receive=False)
        await self.app.load()
        self.messenger.receive()  # the app has added its handlers
        await self._open_control()

    async def failed(self, error: EggError) -> None:
        """Dumps the loaded parts, runs the remaining hooks, and ends."""
        self._dump()
        await self.app.lifecycle.did_ready(error)
        await self.control.close()
        await self.app.close()
        await self.health.close()
        await self.metrics.close()
        self.watchdog.stop()
        self.messenger.close()

    def _dump(self) -> None:
        dump(self.app, failed=True)
        dump_timing(self.app)

    async def stop(self) -> None:
        """Runs the closing hooks in reverse and flushes, within `stop_limit`."""
        self.process.notifier.stopping()
        self.process.status("stopping")
        self.health.is_stopping = True
        limit = stop_limit(self.app, self.process.notifier)
        try:
            async with asyncio.timeout(limit):
                await self.control.close()
                await self.app.close()
                await self.messenger.flush(1.0)
        except TimeoutError:
            self.process.console.write(ERROR, f"not stopped after {limit:g} s, giving up")
        await self.health.close()
        await self.metrics.close()
        self.messenger.close()
        self.watchdog.stop()

    def _inbox(self) -> socket.socket | None:
        fd = self.process.activation.fd("agent")
        return None if fd is None else adopt(fd, socket.SOCK_DGRAM)

    def _enabled(self) -> set[int]:
        return (
            enabled_slots(wants(os.environ), SuiteNames.chosen(os.environ))
            if self.process.supervised
            else set()
        )

    def _show(self, members: list[Member]) -> None:
        """Writes status.json and the unit's status after every change of the members."""
        enabled = self._enabled()
        self.suite.update(members, enabled)
        self.metrics.update(members)
        self.status.show(members, enabled, is_ready=self._is_ready)

    def _tick(self) -> None:
        """Checks at each watchdog tick whether the status is still true: lost log files or inbox,
        and failures."""
        if not self._is_ready:
            return
        self._restore_control()
        self.suite.update(self.messenger.members, self._enabled())
        self.suite.tick()
        self.health.repair()
        self.metrics.repair()
        self.status.repair()
        if self.status.is_outdated():
            self._show(self.messenger.members)

    async def _open_control(self) -> None:
        """Opens the control socket; the agent serves without it, too."""
        try:
            await self.control.open()
        except ListenError as exc:
            self.app.core_logger.warning("%s", exc.line)

    def _restore_control(self) -> None:
        """Binds the control socket again if its file was removed."""
        try:
            if not self.control.intact:
                self.control.restore()
        except ListenError as exc:
            self.app.core_logger.warning("%s", exc.line)

    async def _suite_ready(self, data: object) -> None:
        if isinstance(data, dict):
            count, where = data.get("workers"), data.get("address", "")
            self.app.core_logger.info("the suite is ready: workers: %s, %s", count, where)
        await self.app.lifecycle.server_did_ready()

    def _uncaught(self, line: str) -> None:
        """Fails a start; a ready agent logs the exception and keeps running (process:CL-93)."""
        if not self._is_ready:
            self.lifetime.uncaught(line)

    def _log(self, level: str, text: str) -> None:
        """Logs a line of the messenger; an error is that of a handler."""
        if level == "error":
            self.failures.add(public_line(summary(text)))
        getattr(self.app.core_logger, level)("%s", text)


def summary(text: str) -> str:
    """Returns the first line of a log entry; of one with a traceback, with its exception."""
    head, _, rest = text.partition("\n")
    if head.endswith(_TRACEBACK):
        return head.removesuffix(_TRACEBACK) + rest.rpartition("\n")[2]
    return head


def serve(process: Process) -> int:
    """Runs the agent to its end and returns the exit code."""
    process.limit.set(START_LIMIT, "every worker waits for the agent: do slow work after its start")
    process.limit.watch(process.notifier.extend_timeout)
    process.status(f"starting agent of {process.info.name} ({process.info.env})")
    return run_on_loop(_main(process))


async def _main(process: Process) -> int:
    agent = AgentProcess(process)
    process.limit.heed_stop()
    return await agent.lifetime.run(agent)
