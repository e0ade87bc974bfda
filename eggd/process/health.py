"""Answers health checks in the agent: `/live` and `/ready`, for load balancers and monitoring.

    GET /live    200 while the agent's loop turns
    GET /ready   200 while enough workers serve, else 503; 503 also during a drain

The agent answers, not a worker: it knows all of them, and it answers while they hang. A hung
worker counts as serving until its watchdog ends it (WatchdogSec=10).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from eggd.app.cluster_config import HealthConfig
from eggd.host.drain import is_draining
from eggd.http.pages import Page, json_page
from eggd.process.page_service import PageService, Publisher
from eggd.process.reconciliation import Log
from eggd.process.roster import Roster
from eggd.suite.files import HEALTH_SOCKET


class Health(Publisher):
    """The health pages of one suite."""

    def __init__(self, roster: Roster, rundir: Path, log: Log) -> None:
        self._roster = roster
        self._rundir = rundir
        self._config = HealthConfig(enable=False)
        pages = {"/live": lambda _: self.live(), "/ready": lambda _: self.ready()}
        super().__init__(PageService("health", str(rundir / HEALTH_SOCKET), pages, log))
        self._began = time.monotonic()
        self.is_stopping = False
        """Whether the agent stops: then the suite is not ready."""

    async def open(self, config: HealthConfig) -> None:
        """Begins to answer if the config enables it; raises ListenError for a bad address."""
        self._config = config
        if config.enable:
            await self._service.open(config.listen)

    def live(self) -> Page:
        """Returns the page of liveness."""
        uptime = round(time.monotonic() - self._began, 1)
        return json_page({"state": "live", "pid": os.getpid(), "uptime": uptime})

    def ready(self) -> Page:
        """Returns the page of readiness: which workers serve and which are missing."""
        roster = self._roster
        state = self._state()
        missing = {
            str(slot): {
                "state": roster.states.get(slot, "down"),
                "seconds": round(roster.absent(slot), 1),
            }
            for slot in roster.missing
        }
        content = {
            "state": state,
            "enabled": sorted(roster.enabled),
            "ready": sorted(roster.serving),
            "missing": missing,
        }
        return json_page(content, 200 if state in ("ready", "degraded") else 503)

    def describe(self, data: object) -> dict[str, str]:
        """Answers the request of `eggd deploy --drain`: the address, "" if disabled, and state."""
        return {"address": self.address, "state": self._state()}

    def _state(self) -> str:
        roster = self._roster
        if len(roster.serving) < self._config.min_ready or self.is_stopping:
            return "unready"
        if is_draining(self._rundir):
            return "draining"
        return "degraded" if roster.missing else "ready"
