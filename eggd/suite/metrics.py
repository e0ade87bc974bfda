"""The figures that a worker reports and the agent publishes as metrics.

A worker sends each family as a list of numbers, one for each label value.
"""

from __future__ import annotations

from dataclasses import dataclass

REPORT = "egg-report"
"""The action of messages: the agent asks all workers for a report, and a worker sends its own."""

_GENERATIONS = ("0", "1", "2")
_CLASSES = ("aborted", "1xx", "2xx", "3xx", "4xx", "5xx")
LEVELS = ("debug", "info", "warn", "error")
"""The levels of log entries."""
_DIRECTIONS = ("sent", "received", "dropped", "refused", "rejected", "missed")


@dataclass(frozen=True, slots=True)
class Family:
    """One metric of each worker."""

    key: str
    """Its name in the report."""
    name: str
    """Its name for Prometheus, without `_total`."""
    help: str
    label: str = ""
    """The label that tells the numbers apart; "" for one number."""
    values: tuple[str, ...] = ("",)
    """The values of the label."""
    counts: bool = True
    """Whether it only grows (a counter), else a gauge."""


FAMILIES = (
    Family("requests", "eggd_requests", "Requests passed to the app."),
    Family("responses", "eggd_responses", "Responses by status.", "class", _CLASSES),
    Family("collections", "eggd_gc_collections", "Collections.", "generation", _GENERATIONS),
    Family("collecting", "eggd_gc_seconds", "Time of garbage collections."),
    Family("messages", "eggd_messages", "Messages.", "event", _DIRECTIONS),
    Family("records", "eggd_log_records", "Log entries.", "level", LEVELS),
    Family("cpu", "eggd_cpu_seconds", "CPU time of user and system."),
    Family("in_flight", "eggd_requests_in_flight", "Open requests.", counts=False),
    Family("connections", "eggd_connections", "Open connections.", counts=False),
    Family("lag", "eggd_loop_lag_seconds", "Lateness of the last tick.", counts=False),
    Family("memory", "eggd_resident_memory_bytes", "Resident memory.", counts=False),
    Family("reported", "eggd_report_timestamp_seconds", "Time of the report.", counts=False),
)
"""The metrics of a worker beside its latency histogram."""

LATENCY, LATENCY_SUM = "latency", "latency_sum"
"""Keys of the latency: the answers in each bucket, and the sum of all seconds."""
