"""The words in which every command, log line and status reports about a suite."""

from __future__ import annotations

from collections.abc import Mapping


def workers(number: int) -> str:
    """Returns `1 worker` or `3 workers`."""
    return f"{number} {'worker' if number == 1 else 'workers'}"


def reasons(failed: Mapping[str, str]) -> str:
    """Returns why units are not ready; units with the same reason are listed together."""
    groups: dict[str, list[str]] = {}
    for unit, reason in failed.items():
        groups.setdefault(reason, []).append(unit.removesuffix(".service"))
    return "; ".join(_prefix(", ".join(names), reason) for reason, names in groups.items())


def _prefix(names: str, reason: str) -> str:
    """Adds the names, unless the reason begins with them, as a message of systemd does."""
    is_named = reason.startswith((f"{names}:", f"{names}.service ", f"{names} "))
    return reason if is_named else f"{names}: {reason}"
