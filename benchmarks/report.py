"""The table, the JSON of the same figures, and the verdict on the promise."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Figures, Plan, median
from benchmarks.peers import Peer

FASTER = 2.0
"""eggd must answer at least this many times egg's requests per second ..."""
CHEAPER = 0.5
"""... and take at most this share of egg's CPU per request."""

HEAD = ("peer", "workers", "requests/s", "(min .. max)", "vs egg", "CPU us/req", "vs egg", "p99 ms",
        "PSS MB", "procs", "first answer s")  # fmt: skip

Rows = Mapping[Peer, Sequence[Figures]]


def table(rows: Rows) -> str:
    """Return one aligned table: a line per peer, medians of all repetitions."""
    lines = [HEAD, *(_line(peer, rows) for peer in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    texts = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([texts[0], "-" * len(texts[0]), *texts[1:]])


def ratios(peer: Peer, rows: Rows) -> tuple[float, float] | None:
    """Return requests/s and CPU per request as a multiple of egg's with as many workers."""
    egg = Peer("egg", peer.workers)
    if egg not in rows:
        return None
    mine, its = median(rows[peer]), median(rows[egg])
    return (
        mine.requests_per_second / its.requests_per_second,
        mine.cpu_us_per_request / its.cpu_us_per_request,
    )


def broken(rows: Rows) -> list[str]:
    """Return one line for each promise that these figures break."""
    lines = []
    for peer in rows:
        found = ratios(peer, rows) if peer.name == "eggd" else None
        if found is not None and found[0] < FASTER:
            lines.append(f"{peer}: {found[0]:.2f} times egg's requests/s, promised {FASTER:g}")
        if found is not None and found[1] > CHEAPER:
            lines.append(f"{peer}: {found[1]:.2f} of egg's CPU per request, promised {CHEAPER:g}")
    return lines


def as_json(rows: Rows, plan: Plan, egg_home: Path) -> str:
    """Return versions, plan, every repetition, medians, ratios and broken promises."""
    peers = [
        {
            "peer": peer.name,
            "workers": peer.workers,
            "median": asdict(median(figures)),
            "vs_egg": ratios(peer, rows),
            "repetitions": [asdict(one) for one in figures],
        }
        for peer, figures in rows.items()
    ]
    found = {"versions": versions(egg_home), "plan": asdict(plan), "peers": peers}
    return json.dumps({**found, "broken": broken(rows)}, indent=2)


def versions(egg_home: Path) -> dict[str, str]:
    """Return what was compared, on what."""
    package = json.loads((egg_home / "node_modules" / "egg" / "package.json").read_text())
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return {
        "egg": package["version"],
        "node": node.stdout.strip(),
        "python": platform.python_version(),
        "uvloop": version("uvloop"),
        "httptools": version("httptools"),
        "kernel": platform.release(),
        "cpus": str(len(os.sched_getaffinity(0))),
    }


def _line(peer: Peer, rows: Rows) -> tuple[str, ...]:
    middle, found = median(rows[peer]), ratios(peer, rows)
    rates = [one.requests_per_second for one in rows[peer]]
    return (
        peer.name,
        str(peer.workers),
        f"{middle.requests_per_second:,.0f}",
        f"({min(rates):,.0f} .. {max(rates):,.0f})",
        f"{found[0]:.2f}" if found else "-",
        f"{middle.cpu_us_per_request:.1f}",
        f"{found[1]:.2f}" if found else "-",
        f"{middle.p99_ms:.1f}",
        f"{middle.pss_mb:.0f}",
        f"{middle.processes:.0f}",
        f"{middle.first_answer_s:.2f}",
    )
