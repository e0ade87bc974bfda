"""The figures of each worker on a page of metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from prometheus_client import parser
from prometheus_client.samples import Sample

from eggd.errors import EggError
from eggd.suite.slots import LAST_SLOT

_SINGLE = {
    "eggd_requests_total": "requests",
    "eggd_requests_in_flight": "in_flight",
    "eggd_connections": "connections",
    "eggd_resident_memory_bytes": "memory",
    "eggd_loop_lag_seconds": "lag",
    "eggd_worker_ready": "ready",
    "eggd_report_timestamp_seconds": "reported",
}
_BUCKET, _RESTARTS = "eggd_request_duration_seconds_bucket", "eggd_worker_restarts_total"
_READ = {*_SINGLE, _BUCKET, _RESTARTS}


@dataclass(slots=True)
class Figures:
    """The figures of one worker; counters are those since the agent's start."""

    requests: float = 0.0
    in_flight: float = 0.0
    connections: float = 0.0
    memory: float = 0.0
    """Resident bytes."""
    lag: float = 0.0
    """Seconds."""
    ready: float = 0.0
    restarts: float = 0.0
    reported: float = 0.0
    """When the worker sent them (Unix time); 0 before the first report."""
    latencies: dict[float, float] = field(default_factory=dict)
    """Requests by the upper bound of their bucket in seconds, not cumulative."""


def figures(page: str) -> dict[int, Figures]:
    """Returns the figures by slot; raises EggError for text that is not a page of metrics."""
    workers: dict[int, Figures] = {}
    try:
        for sample in _samples(page):
            slot = int(sample.labels["worker"])
            if 0 <= slot <= LAST_SLOT:
                _add(workers.setdefault(slot, Figures()), sample)
    except (ValueError, KeyError, IndexError) as exc:
        raise EggError("the agent sent a malformed page of metrics") from exc
    for each in workers.values():
        each.latencies = _separate(each.latencies)
    return dict(sorted(workers.items()))


def _samples(page: str) -> Iterator[Sample]:
    for metric in parser.text_string_to_metric_families(page):  # type: ignore[no-untyped-call]
        yield from (sample for sample in metric.samples if sample.name in _READ)


def _add(worker: Figures, sample: Sample) -> None:
    if sample.name == _BUCKET:
        worker.latencies[float(sample.labels["le"])] = sample.value
    elif sample.name == _RESTARTS:
        worker.restarts += sample.value
    elif (name := _SINGLE.get(sample.name)) is not None:
        setattr(worker, name, sample.value)


def _separate(cumulative: dict[float, float]) -> dict[float, float]:
    """Returns the requests of each bucket alone."""
    pairs = pairwise([(0.0, 0.0), *sorted(cumulative.items())])
    return {bound: count - before for (_, before), (bound, count) in pairs}
