"""The tables for people, and the JSON of the same figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from benchmarks.measure import Cell, Rows, Run, median
from benchmarks.promise import broken, memory, ratios, unchecked
from benchmarks.route import Route

SPEED = ("peer", "workers", "requests/s", "(min .. max)", "vs egg", "CPU us/req", "vs egg",
         "p50 ms", "p99 ms", "conns most/least")  # fmt: skip
SUITE = ("peer", "workers", "PSS MB", "vs egg", "processes", "first answer s")


def tables(run: Run) -> str:
    """Returns one table for each route, and one of memory and starts; medians of repetitions."""
    parts = [speed(route, run.rows) for route in run.routes]
    return "\n\n".join([*parts, suite(run.routes[0].name, run.rows)])


def speed(route: Route, rows: Rows) -> str:
    """Returns the table of one route: a line for each peer."""
    lines = [_speed_line(cell, rows) for cell in rows if cell.route == route.name]
    return f"{route.about}\n\n{align([SPEED, *lines])}"


def suite(route: str, rows: Rows) -> str:
    """Returns the table of memory, after the windows of that route, and of the start."""
    lines = [_suite_line(cell, rows) for cell in rows if cell.route == route]
    return f"Memory after {route}, and the start\n\n{align([SUITE, *lines])}"


def limits(rows: Rows, cpus: int) -> str:
    """Returns which limits were checked on a machine with `cpus`, and which were not, and why."""
    exceptions = unchecked(rows, cpus)
    text = (
        f"{cpus} CPUs. Checked: the limits of CPU, memory and requests/s (benchmarks/promise.py)."
    )
    if not exceptions:
        return text
    why = "Not checked, because the workers and wrk share the CPUs (benchmarks/README.md):"
    return "\n".join([text, why, *exceptions])


def align(lines: Sequence[Sequence[str]]) -> str:
    """Returns columns below their heads, the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([texts[0], "-" * len(texts[0]), *texts[1:]])


def as_json(run: Run, versions: dict[str, str], cpus: int) -> str:
    """Returns versions, plan, every repetition, medians, ratios, failures and broken promises."""
    cells = [
        {
            "route": cell.route,
            "peer": cell.peer.name,
            "workers": cell.peer.workers,
            "median": asdict(median(figures)),
            "vs_egg": ratios(cell, run.rows),
            "memory_vs_egg": memory(cell, run.rows),
            "repetitions": [asdict(one) for one in figures],
        }
        for cell, figures in run.rows.items()
    ]
    values = {"versions": versions, "cpus": cpus, "plan": asdict(run.plan), "cells": cells}
    verdict = {
        "failures": run.failures,
        "broken": broken(run.rows, cpus),
        "unchecked": unchecked(run.rows, cpus),
    }
    return json.dumps({**values, **verdict}, indent=2)


def _speed_line(cell: Cell, rows: Rows) -> tuple[str, ...]:
    middle, values = median(rows[cell]), ratios(cell, rows)
    rates = [one.requests_per_second for one in rows[cell]]
    return (
        cell.peer.name,
        str(cell.peer.workers),
        f"{middle.requests_per_second:,.0f}",
        f"({min(rates):,.0f} .. {max(rates):,.0f})",
        f"{values[0]:.2f}" if values else "-",
        f"{middle.cpu_us_per_request:.1f}",
        f"{values[1]:.2f}" if values else "-",
        f"{middle.p50_ms:.2f}",
        f"{middle.p99_ms:.1f}",
        f"{middle.busiest:.0f}/{middle.least:.0f}",
    )


def _suite_line(cell: Cell, rows: Rows) -> tuple[str, ...]:
    middle, share = median(rows[cell]), memory(cell, rows)
    return (
        cell.peer.name,
        str(cell.peer.workers),
        f"{middle.pss_mib:.0f}",
        f"{share:.2f}" if share else "-",
        f"{middle.processes:.0f}",
        f"{middle.first_answer_s:.2f}",
    )
