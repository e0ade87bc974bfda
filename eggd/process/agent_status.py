"""The agent's view of itself and the suite: status.json, and the status of its unit."""

from __future__ import annotations

import os
from collections.abc import Iterator

from eggd.app.agent import Agent
from eggd.identityfile import current_mixture, reloading
from eggd.messenger import Member, Messenger
from eggd.process.bootstrap import Process
from eggd.process.metrics import Metrics
from eggd.process.restarts import Restarts
from eggd.process.status import logs_figure, write_status
from eggd.process.uncaught import Failures
from eggd.suite.files import STATUS
from eggd.suite.names import SuiteNames


class AgentStatus:
    """Writes both statuses, and knows whether they are still true."""

    def __init__(
        self,
        process: Process,
        app: Agent,
        messenger: Messenger,
        failures: Failures,
        metrics: Metrics,
        restarts: Restarts,
    ) -> None:
        self._process = process
        self._app = app
        self._messenger = messenger
        self._failures = failures
        self._metrics = metrics
        self._restarts = restarts
        # The pids of the ready workers at the last check of the files.
        self._known: set[int] = set()
        # Parts of the status, each "" while all is well: changed files, different applications,
        # a lost inbox.
        self._stale = ""
        self._mixture = ""
        self._socket_problem = ""
        # The facts that the last status shows.
        self._last: tuple[object, ...] = ()

    def show(self, members: list[Member], enabled: set[int], *, is_ready: bool) -> None:
        """Writes status.json and, once the agent is ready, the status of its unit."""
        self._socket_problem = self._messenger.repair()
        self._last = self._facts()
        if is_ready:
            self._check_files({member.pid for member in members if member.state == "ready"})
        self._write_file(members, enabled, "ready" if is_ready else "starting")
        if not is_ready:
            return
        self._check_mixture(members, enabled)
        workers, degraded = _workers(members, enabled), self._app.loggers.degraded
        parts = [*workers, self._socket_problem, self._mixture, self._stale, degraded]
        self._process.status("; ".join(filter(None, parts)))

    def repair(self) -> None:
        """Opens a lost inbox and lost log files again, if that is possible."""
        self._socket_problem = self._messenger.repair()
        self._app.loggers.recover()

    def is_outdated(self) -> bool:
        """Returns whether the facts have changed since the last status, or its file is missing."""
        return self._last != self._facts() or not (self._process.rundir / STATUS).exists()

    def _facts(self) -> tuple[object, ...]:
        app = self._app
        problems = self._socket_problem, app.loggers.degraded, app.dependencies.problems
        return *problems, self._failures.count, self._count()

    def _write_file(self, members: list[Member], enabled: set[int], state: str) -> None:
        write_status(
            self._process,
            members,
            enabled,
            state,
            self._socket_problem,
            self._failures,
            self._messenger.figures,
            self._restarts.counts,
            {
                "metrics": self._metrics.address,
                "outdated": f"{self._stale}: run {_restart_command()!r}" if self._stale else "",
                **self._app.dependencies.figure,
                **logs_figure(self._app.loggers.degraded),
            },
        )

    def _count(self) -> int:
        stats = self._messenger.stats
        return stats.sent + stats.received + stats.refused

    def _check_files(self, pids: set[int]) -> None:
        """Warns of files that changed since the agent started, when a new worker is ready."""
        if not pids - self._known:
            return
        self._known = pids
        files = ", ".join(
            self._app.timing.relative(path) for path in self._app.loaded_files.changed()
        )
        text = f"{files} changed since the agent started" if files else ""
        if text and text != self._stale:
            self._app.core_logger.warning("%s: %s", text, _restart_command())
        self._stale = text

    def _check_mixture(self, members: list[Member], enabled: set[int]) -> None:
        """Warns once when agent and workers run different applications or code.

        Under a supervisor only enabled workers count: others run only during a reload.
        """
        count_all = "EGGD_WANTS" not in os.environ
        ready = [member for member in members if member.state == "ready"]
        workers = {m.slot: m.pid for m in ready if count_all or m.slot in enabled}
        rundir = self._process.rundir
        text = "" if reloading(rundir) else current_mixture(rundir, os.getpid(), workers)
        if text and not self._mixture:
            cure = SuiteNames.chosen(os.environ).command("reload")
            self._app.core_logger.warning("%s (%s)", text, cure)
        self._mixture = text


def _workers(members: list[Member], enabled: set[int]) -> Iterator[str]:
    """Yields the number of ready workers, and each enabled or unready worker with its state."""
    ready = [str(member.slot) for member in members if member.state == "ready"]
    yield f"ready: {len(ready)} workers serve" + (f" ({', '.join(ready)})" if ready else "")
    for member in members:
        if member.state != "ready" and (member.slot in enabled or member.state != "left"):
            yield f"{member.slot} {member.state}"


def _restart_command() -> str:
    """Returns the command that starts the agent again."""
    if "EGGD_WANTS" in os.environ:
        return "eggd restart"
    return f"systemctl restart {SuiteNames.chosen(os.environ).prefix}-agent"
