"""The report of `eggd deploy --hosts`: which host runs which release, as a table or JSON."""

from __future__ import annotations

from collections.abc import Sequence

from eggd.cli.fleet.roll import DEPLOYED, Entry
from eggd.cli.output import print_json, print_table

HEADINGS = ["HOST", "OUTCOME", "RELEASE", "VERSION", "READY"]


def show(entries: Sequence[Entry], *, as_json: bool) -> None:
    """Prints the report on standard output."""
    if as_json:
        print_json(_data(entries))
    else:
        print_table([HEADINGS, *(_row(entry) for entry in entries)])


def running(entries: Sequence[Entry]) -> str:
    """Returns which hosts run the new release, as a clause."""
    new = [entry.target.text for entry in entries if entry.outcome == DEPLOYED]
    names = f": {', '.join(new)}" if new else ""
    return f"{len(new)} of {len(entries)} hosts run the new release{names}"


def _data(entries: Sequence[Entry]) -> dict[str, object]:
    first = next((entry.deployed for entry in entries if entry.deployed), None)
    return {
        "complete": all(entry.outcome == DEPLOYED for entry in entries),
        "app": first.app if first else None,
        "version": first.version if first else None,
        "hosts": [_host(entry) for entry in entries],
    }


def _host(entry: Entry) -> dict[str, object]:
    host = entry.host
    return {
        "host": entry.target.text,
        "outcome": entry.outcome,
        "release": host.release if host else None,
        "version": host.version if host else None,
        "previous": entry.deployed.previous if entry.deployed else None,
        "workers": host.workers if host else None,
        "ready": host.ready if host else None,
        "error": entry.error,
    }


def _row(entry: Entry) -> list[str]:
    host = entry.host
    if host is None:
        return [entry.target.text, entry.outcome, "?", "?", "?"]
    release = host.release or "-"
    ready = f"{host.ready}/{host.workers}"
    return [entry.target.text, entry.outcome, release, host.version or "-", ready]
