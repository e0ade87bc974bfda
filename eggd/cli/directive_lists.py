"""`eggd start --explain`: the directives that a supervisor applies, ignores or refuses."""

from __future__ import annotations

from collections.abc import Iterator

from eggd.cli.output import align
from eggd.suite.names import DEFAULT
from eggd.supervisor.directives import FIXED, NOT_APPLIED
from eggd.supervisor.units import UNITS, read

FILES = (DEFAULT.listener, DEFAULT.worker(1), DEFAULT.inbox, DEFAULT.agent)


def text() -> str:
    """Returns the three lists."""
    directives = [(unit, each) for unit in FILES for each in read(UNITS, unit)]
    applied = [
        (unit, each.name, each.value)
        for unit, each in directives
        if each.key not in NOT_APPLIED.get(each.section, {})
    ]
    fixed = ", ".join(f"{key}={value}" for key, value in FIXED.items())
    return "\n".join(
        [
            f"Applied, with systemd's meaning ({UNITS}):",
            _indent(align(applied)),
            "",
            "Accepted, without effect:",
            _indent(align(list(_not_applied()))),
            "",
            f"Refused: every other directive, and other values than {fixed}.",
            "egg-master.service is not read: the supervisor does what its commands do.",
        ]
    )


def _not_applied() -> Iterator[tuple[str, str]]:
    """Yields at most three directives of a section, and the reason that they share."""
    for section, keys in NOT_APPLIED.items():
        for reason in dict.fromkeys(keys.values()):
            named = [key for key, why in keys.items() if why == reason]
            for start in range(0, len(named), 3):
                some = " ".join(f"{key}=" for key in named[start : start + 3])
                yield f"[{section}] {some}", reason


def _indent(lines: str) -> str:
    return "\n".join(f"  {line}" for line in lines.split("\n"))
