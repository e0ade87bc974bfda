"""The table of `eggd top`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from eggd.cli.topview.rates import HISTORY, Rates, Row

_BARS = "▁▂▃▄▅▆▇█"
_NUMBERS = ("req/s", "p50", "p99", "in flight", "conns", "memory", "lag", "restarts")


def table(rows: Iterable[Row], rates: Rates) -> Table:
    """Returns the table of all rows, the last of which is the sum."""
    grid = Table(box=None, pad_edge=False, padding=(0, 1))
    for heading in ("worker", "state"):
        grid.add_column(heading)
    for heading in _NUMBERS:
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("requests", no_wrap=True, min_width=HISTORY)
    for row in rows:
        is_total = row.worker is None
        line = sparkline(rates.history.get(row.worker, ()))
        grid.add_row(*_names(row), *_numbers(row), line, style="bold" if is_total else None)
    return grid


def sparkline(values: Sequence[float]) -> str:
    """Returns a bar for each value, as high as its share of the largest one."""
    most = max(values, default=0.0)
    last = len(_BARS) - 1
    return "".join(_BARS[round(value / most * last) if most else 0] for value in values)


def seconds(value: float | None) -> str:
    """Returns a time with its unit: 850 µs, 1.5 ms, 2.0 s; "-" for None."""
    if value is None:
        return "-"
    if value < 0.001:
        return f"{value * 1e6:.0f} µs"
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.1f} s"


def _names(row: Row) -> tuple[Text, Text]:
    style = {"ready": "green", "down": "red"}.get(row.state, "")
    return Text("all" if row.worker is None else str(row.worker)), Text(row.state, style=style)


def _numbers(row: Row) -> tuple[str, ...]:
    rate = row.requests_per_second
    return (
        "-" if rate is None else f"{rate:,.1f}" if rate < 100 else f"{rate:,.0f}",
        seconds(row.p50),
        seconds(row.p99),
        str(row.in_flight),
        str(row.connections),
        f"{row.memory / (1 << 20):,.0f} MiB",
        seconds(row.lag),
        str(row.restarts),
    )
