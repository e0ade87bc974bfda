"""`python -m eggd.process.agent`: the work that only one process of a suite may do.

Membership, the readiness of the suite, log rotation, file watching, and the app's `agent.py`.
Workers wait for the agent, so it starts fast and never sleeps. It survives uncaught exceptions.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys

from eggd.app.agent import Agent
from eggd.app.assemble import assemble
from eggd.app.loading.dump import dump
from eggd.app.timeline import dump_timing
from eggd.errors import EggError
from eggd.host.enabled import enabled_slots, wants
from eggd.identityfile import current_mixture, reloading
from eggd.log.levels import ERROR
from eggd.messenger import Member, Messenger, MessengerConfig
from eggd.process.agent_files import AgentFiles
from eggd.process.bootstrap import Process, run
from eggd.process.identity import announce
from eggd.process.lifetime import Lifetime, run_on_loop
from eggd.process.status import write_status
from eggd.process.stop_limit import stop_limit
from eggd.process.uncaught import catch_uncaught
from eggd.suite.files import STATUS
from eggd.systemd import Watchdog, adopt

START_LIMIT = 25.0
"""Seconds to ready: below TimeoutStartSec=30 of the unit."""

_RESTART = "systemctl restart egg-agent (without systemd: eggd restart)"


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
        self.lifetime = Lifetime()
        self.watchdog = Watchdog(process.notifier, process.activation.watchdog_usec, self._tick)
        self._is_ready = False
        self._files = AgentFiles([unit.root for unit in self.app.units])
        # The ready workers at the last check of the files.
        self._known: set[int] = set()
        # Parts of the status, each "" while all is well: changed files, different applications,
        # a lost inbox, lost log files.
        self._stale = ""
        self._mixture = ""
        self._socket_problem = ""
        self._degraded = ""

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
        catch_uncaught(asyncio.get_running_loop(), self.app.core_logger, self._uncaught)
        self.messenger.on("egg-ready", self._suite_ready)
        await self.messenger.open(self._inbox(), receive=False)
        await self.app.load()
        self.messenger.receive()  # the app has added its handlers

    async def failed(self, error: EggError) -> None:
        """Dumps the loaded parts, runs the remaining hooks, and ends."""
        self._dump()
        await self.app.lifecycle.did_ready(error)
        await self.app.close()
        self.watchdog.stop()
        self.messenger.close()

    def _dump(self) -> None:
        dump(self.app, failed=True)
        dump_timing(self.app)

    async def stop(self) -> None:
        """Runs the closing hooks in reverse and flushes, within `stop_limit`."""
        self.process.notifier.stopping()
        self.process.status("stopping")
        limit = stop_limit(self.app, self.process.notifier)
        try:
            async with asyncio.timeout(limit):
                await self.app.close()
                await self.messenger.flush(1.0)
        except TimeoutError:
            self.process.console.write(ERROR, f"not stopped after {limit:g} s, giving up")
        self.messenger.close()
        self.watchdog.stop()

    def _inbox(self) -> socket.socket | None:
        fd = self.process.activation.fd("agent")
        return None if fd is None else adopt(fd, socket.SOCK_DGRAM)

    def _enabled(self) -> set[int]:
        return enabled_slots(wants(os.environ)) if self.process.supervised else set()

    def _show(self, members: list[Member]) -> None:
        """Writes status.json and the unit's status after every change of the members."""
        enabled = self._enabled()
        self._socket_problem = self.messenger.repair()
        state = "ready" if self._is_ready else "starting"
        write_status(self.process, members, enabled, state, self._socket_problem)
        if not self._is_ready:
            return
        ready = [member.slot for member in members if member.state == "ready"]
        others = [
            f"{member.slot} {member.state}"
            for member in members
            if member.state != "ready" and (member.slot in enabled or member.state != "left")
        ]
        text = f"ready: {len(ready)} workers serve" + (
            f" ({', '.join(map(str, ready))})" if ready else ""
        )
        self._check_files({member.pid for member in members if member.state == "ready"})
        self._check_mixture(members, enabled)
        self._degraded = self.app.loggers.degraded
        parts = [text, *others, self._socket_problem, self._mixture, self._stale, self._degraded]
        self.process.status("; ".join(filter(None, parts)))

    def _tick(self) -> None:
        """Checks at each watchdog tick whether log files or the inbox were lost or restored."""
        if not self._is_ready:
            return
        former = (self._degraded, self._socket_problem, True)
        there = (self.process.rundir / STATUS).exists()
        if (self.app.loggers.degraded, self.messenger.repair(), there) != former:
            self._show(self.messenger.members)

    def _check_files(self, pids: set[int]) -> None:
        """Warns of files that changed since the agent started, when a new worker is ready."""
        if not pids - self._known:
            return
        self._known = pids
        files = ", ".join(self.app.timing.relative(path) for path in self._files.changed())
        text = f"{files} changed since the agent started" if files else ""
        if text and text != self._stale:
            self.app.core_logger.warning("%s: %s", text, _RESTART)
        self._stale = text

    def _check_mixture(self, members: list[Member], enabled: set[int]) -> None:
        """Warns once when agent and workers run different applications or code.

        Under a supervisor only enabled workers count: others run only during a reload.
        """
        count_all = "EGGD_WANTS" not in os.environ
        ready = [member for member in members if member.state == "ready"]
        workers = {m.slot: m.pid for m in ready if count_all or m.slot in enabled}
        rundir = self.process.rundir
        text = "" if reloading(rundir) else current_mixture(rundir, os.getpid(), workers)
        if text and not self._mixture:
            self.app.core_logger.warning("%s (eggd reload)", text)
        self._mixture = text

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
        getattr(self.app.core_logger, level)("%s", text)


def serve(process: Process) -> int:
    """Runs the agent to its end and returns the exit code."""
    process.limit.set(START_LIMIT, "an agent that takes longer holds every worker back")
    process.status(f"starting agent of {process.info.name} ({process.info.env})")
    return run_on_loop(_main(process))


async def _main(process: Process) -> int:
    agent = AgentProcess(process)
    return await agent.lifetime.run(agent)


if __name__ == "__main__":
    sys.exit(run("agent", sys.argv, serve))
