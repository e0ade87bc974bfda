"""Publishes the figures of all workers at `/metrics` of the agent, for Prometheus.

The text is Prometheus's, or OpenMetrics for a client that accepts it. Workers report every few
seconds while they change, and after each page, which is made at most once a second: a client that
comes again soon gets recent figures, and an idle suite stays idle.

The first page imports prometheus_client, which takes 50 ms and 2.2 MiB.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, cast

from eggd.app.cluster_config import MetricsConfig
from eggd.app.dependencies import Dependencies
from eggd.http.meter import BOUNDS
from eggd.http.pages import Page
from eggd.messenger import Member
from eggd.process.metric_totals import Totals
from eggd.process.page_service import PageService, Publisher
from eggd.process.reconciliation import Log
from eggd.suite.files import METRICS_SOCKET
from eggd.suite.metrics import FAMILIES, LATENCY, LATENCY_SUM, Family
from eggd.wire.datagram import Sender

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from prometheus_client.registry import Collector, CollectorRegistry

_FRESH = 1.0
"""Seconds for which a page is used again."""


class Metrics(Publisher):
    """The metrics of one suite."""

    def __init__(
        self,
        restarts: Mapping[int, Mapping[str, int]],
        job_runs: Mapping[tuple[str, str], int],
        dependencies: Dependencies,
        ask: Callable[[], object],
        rundir: Path,
        log: Log,
    ) -> None:
        """Prepares; `restarts` has the counts of restarts by slot and kind, `job_runs` those of
        jobs by key and result, `dependencies` those of the agent, and `ask` asks all workers for a
        report."""
        self.totals = Totals()
        self._ask = ask
        self._suite = _Suite(self.totals, restarts, job_runs, dependencies)
        # The last page of each media type, and when it was made.
        self._pages: dict[str, tuple[float, Page]] = {}
        path = str(rundir / METRICS_SOCKET)
        super().__init__(PageService("metrics", path, {"/metrics": self.page}, log))

    async def open(self, config: MetricsConfig) -> None:
        """Begins to answer if the config enables it; raises ListenError for a bad address."""
        if config.enable:
            await self._service.open(config.listen)

    def update(self, members: Iterable[Member]) -> None:
        """Takes the reports of the members."""
        self.totals.update(members)

    def take(self, report: object, sender: Sender) -> None:
        """Takes the report of one worker."""
        if sender.role == "worker":
            self.totals.take(sender.slot, sender.pid, report)

    def page(self, accept: str) -> Page:
        """Returns the metrics in the format that a client accepts."""
        from prometheus_client.exposition import choose_encoder

        encode, media_type = choose_encoder(accept)
        since, page = self._pages.get(media_type, (0.0, None))
        now = time.monotonic()
        if page is None or now - since >= _FRESH:
            page = self._make(encode, media_type)
            self._pages[media_type] = now, page
            self._ask()
        return page

    def _make(self, encode: Callable[[CollectorRegistry], bytes], media_type: str) -> Page:
        from prometheus_client.registry import CollectorRegistry

        registry = CollectorRegistry()
        registry.register(cast("Collector", self._suite))
        return Page(encode(registry), media_type)


class _Suite:
    """A collector of prometheus_client: makes the metrics of all workers."""

    def __init__(
        self,
        totals: Totals,
        restarts: Mapping[int, Mapping[str, int]],
        job_runs: Mapping[tuple[str, str], int],
        dependencies: Dependencies,
    ) -> None:
        self._totals = totals
        self._dependencies = dependencies
        self._restarts = restarts
        self._job_runs = job_runs

    def collect(self) -> Iterator[Metric]:
        """Yields each metric with its samples."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        reports = self._totals.reports()
        for family in FAMILIES:
            yield _metric(family, reports)
        yield _latency(reports)
        up = GaugeMetricFamily("eggd_worker_ready", "1 if the worker serves.", labels=["worker"])
        for slot, ready in sorted(self._totals.ready.items()):
            up.add_metric([str(slot)], int(ready))
        yield up
        restarts = CounterMetricFamily(
            "eggd_worker_restarts", "Restarts by reason.", labels=["worker", "reason"]
        )
        for slot, kinds in sorted(self._restarts.items()):
            for kind, count in sorted(kinds.items()):
                restarts.add_metric([str(slot), kind], count)
        yield restarts
        yield self._jobs()
        problems = {str(slot): each for slot, each in self._totals.problems.items()}
        yield _dependencies({**problems, "agent": self._dependencies.problems})

    def _jobs(self) -> Metric:
        from prometheus_client.core import CounterMetricFamily

        metric = CounterMetricFamily(
            "eggd_schedule_runs", "Runs of jobs by result.", labels=["job", "result"]
        )
        for labels, count in sorted(self._job_runs.items()):
            metric.add_metric(labels, count)
        return metric


def _metric(family: Family, reports: Mapping[int, Mapping[str, list[float]]]) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    kind = CounterMetricFamily if family.counts else GaugeMetricFamily
    labels = ["worker", *([family.label] if family.label else [])]
    metric = kind(family.name, family.help, labels=labels)
    for slot, report in reports.items():
        for value, number in zip(family.values, report.get(family.key, ()), strict=False):
            metric.add_metric([str(slot), *([value] if family.label else [])], number)
    return metric


def _dependencies(problems: Mapping[str, Mapping[str, str]]) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    metric = GaugeMetricFamily(
        "eggd_dependency_up", "1 if the server answers.", labels=["worker", "dependency"]
    )
    for process, each in problems.items():
        for name, problem in each.items():
            metric.add_metric([process, name], int(not problem))
    return metric


def _latency(reports: Mapping[int, Mapping[str, list[float]]]) -> Metric:
    from prometheus_client.core import HistogramMetricFamily

    metric = HistogramMetricFamily(
        "eggd_request_duration_seconds", "Time from head to last write.", labels=["worker"]
    )
    bounds = [*map(str, BOUNDS), "+Inf"]
    for slot, report in reports.items():
        if LATENCY in report and LATENCY_SUM in report:
            buckets = list(zip(bounds, accumulate(report[LATENCY]), strict=True))
            metric.add_metric([str(slot)], buckets, report[LATENCY_SUM][0])
    return metric
