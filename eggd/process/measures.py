"""The figures of a worker for metrics, sent to the agent while they change and on request."""

from __future__ import annotations

import gc
import time
from dataclasses import astuple

from eggd.app.application import Application
from eggd.http import HttpServer
from eggd.messenger import Messenger
from eggd.process.recycling import resident
from eggd.suite.metrics import LATENCY, LATENCY_SUM, LEVELS

Report = dict[str, list[float]]
"""The numbers of each family (`eggd.suite.metrics`)."""


class Measures:
    """Reads the counters of one worker."""

    def __init__(self, app: Application, messenger: Messenger, server: HttpServer) -> None:
        """Prepares, and times each garbage collection of this process from now on."""
        self._app = app
        self._messenger = messenger
        self._server = server
        # When the last tick was, and by how many seconds it was late.
        self._ticked = 0.0
        self._lag = 0.0
        # When the present garbage collection began, and the seconds of all former ones.
        self._collecting = 0.0
        self._collected = 0.0
        gc.callbacks.append(self._time_collection)

    def tick(self, interval: float) -> None:
        """Takes the lateness of a tick that is due each `interval` seconds."""
        now = time.monotonic()
        self._lag = max(0.0, now - self._ticked - interval) if self._ticked else 0.0
        self._ticked = now

    def report(self) -> Report:
        """Returns the numbers of each family."""
        stats, meter, records = self._server.stats, self._server.meter, self._app.loggers.records
        return {
            "requests": [stats.requests],
            "responses": [*meter.classes],
            LATENCY: [*meter.buckets],
            LATENCY_SUM: [meter.seconds],
            "in_flight": [stats.in_flight],
            "connections": [stats.connections],
            "collections": [each["collections"] for each in gc.get_stats()],
            "collecting": [self._collected],
            "messages": list(astuple(self._messenger.stats)),
            "records": [records[level.upper()] for level in LEVELS],
            "cpu": [time.process_time()],
            "lag": [self._lag],
            "memory": [resident()],
            "reported": [time.time()],
        }

    def _time_collection(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self._collected += time.perf_counter() - self._collecting
