"""Runs the rows on booted Debian 12 and 13, and prints the table.

    make chaos                                       all rows on both systems, 30 s a row
    python -m tests.chaos --row reload --suite trixie --seconds 60 --json
    python -m tests.chaos --soak 1800 --seed 7       all faults in random order, half an hour

EGGD_DEB names a package to test, instead of one that is built from this checkout.
Exits with 1 if a row does not hold. Needs root.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from tests.chaos.rows import ROWS, Row
from tests.chaos.soak import soak
from tests.chaos.table import Result, page
from tests.chaos.trial import WORKERS, Trial
from tests.host import repository
from tests.host.conftest import Layers, boots
from tests.host.host import Host
from tests.host.nspawn import private_mounts, sweep
from tests.host.rootfs import SYSTEMS, Flavour


@contextmanager
def booted(layers: Layers, flavour: Flavour, row: Row) -> Iterator[Host]:
    """A host that serves the test app with four workers; gone after the block."""
    generator = boots(layers, flavour)
    boot = next(generator)
    try:
        yield boot("suite", workers=WORKERS, prepare=row.prepare)
    finally:
        next(generator, None)


def measure(
    layers: Layers, flavour: Flavour, row: Row, seconds: float, rate: float | None
) -> Result:
    """Runs one row on a host of its own; `rate` None means a quarter of its capacity."""
    with booted(layers, flavour, row) as host:
        return attempt(Trial(host, seconds, rate or quarter(host), layers.deb), flavour, row)


def attempt(trial: Trial, flavour: Flavour, row: Row) -> Result:
    """Runs a row on the host of a trial; an error is a promise that does not hold."""
    began, holds = time.monotonic(), True
    trial.notes.append(f"{trial.rate:,.0f} requests/s")
    try:
        row.run(trial)
    except Exception as exc:
        trial.notes.append(f"{type(exc).__name__}: {exc}".strip()[-600:])
        holds = False
    took, seen = time.monotonic() - began, "; ".join(trial.notes)
    return Result(flavour.suite, row.name, row.required, holds, seen, round(took, 1))


def quarter(host: Host) -> float:
    """Returns a quarter of the requests a second that the host answers to 64 clients."""
    with host.load(connections=64) as load:
        began = time.monotonic()
        time.sleep(3)
        seconds = time.monotonic() - began
    return load.requests / seconds / 4


def run(options: argparse.Namespace) -> list[Result]:
    """Runs the chosen rows, or the soak, and prints each when it is done."""
    rows = [row for row in ROWS if options.row in row.name]
    if options.soak:
        rows, options.seconds = [soak(options.seed)], options.soak
        print(f"seed {options.seed}", file=sys.stderr, flush=True)
    flavours = [each for each in SYSTEMS if options.suite in each.suite]
    private_mounts()
    sweep()
    results = []
    with ExitStack() as stack:
        layers = Layers(package(), stack)
        for flavour in flavours:
            for row in rows:
                results.append(measure(layers, flavour, row, options.seconds, options.rate))
                print(results[-1].line(), file=sys.stderr, flush=True)
    return results


def package() -> Path:
    """Returns the package to test."""
    given = os.environ.get("EGGD_DEB")
    return Path(given) if given else repository.build()


def parsed() -> argparse.Namespace:
    """Returns the arguments of the command line."""
    assert __doc__
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("make chaos", description=__doc__, formatter_class=form)
    parser.add_argument("--row", default="", help="only rows whose name contains this")
    parser.add_argument("--suite", default="", help="bookworm or trixie; both by default")
    parser.add_argument("--seconds", type=float, default=30, help="length of a row (default 30)")
    parser.add_argument("--rate", type=float, help="requests/s; a quarter of capacity by default")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="faults in random order")
    parser.add_argument("--seed", type=int, default=random.randrange(1000), help="of that order")
    parser.add_argument("--json", action="store_true", help="print JSON, not Markdown")
    return parser.parse_args()


def main() -> int:
    """Runs the command; returns its exit code."""
    options = parsed()
    return report(run(options), as_json=options.json)


def report(results: list[Result], *, as_json: bool) -> int:
    """Prints the results; returns the exit code: 1 if a row does not hold."""
    records = [asdict(each) for each in results]
    print(json.dumps(records, indent=2) if as_json else page(results))
    return 0 if results and all(each.holds for each in results) else 1


if __name__ == "__main__":
    sys.exit(main())
