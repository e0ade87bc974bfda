"""Every fact of egg's process model and scripts has a test that names it, or a reason here.

Specification: reference/egg-process.md, sections 1 and 3; CL-90 to CL-95 are test_facts.py's.
"""

from functools import cache

from tests.house.facts import facts_of, numbered
from tests.house.imports import ROOT

FACTS = numbered(
    {
        "CL": [
            *(*range(1, 13), *range(20, 32), *range(40, 45), *range(50, 58)),
            *(*range(60, 65), *range(70, 77), *range(80, 90), *range(100, 104)),
        ],
        "SCR": [*range(1, 16), *range(20, 26)],
    }
)

LEFT_OUT = {
    "CL-7": "an unknown option is an error that names the nearest; an app's own are its config",
    "CL-8": "nothing is loaded by flag before the framework: app.py and plugins are the place",
    "CL-9": "PYTHONWARNINGS is inherited as it is; eggd turns no warning off",
    "CL-10": "one behaviour in every environment: deaths are repaired, the config is dumped",
    "CL-11": "EGG_LOG sets the level of every process's console, the logger's config the rest",
    "CL-27": "readiness is READY=1 of sd_notify(3), not a port, so no other port is taken for it",
    "CL-29": "what a start waits for is in STATUS= all the time, and in the error at its limit",
    "CL-43": "a suite has one listener; a plain one beside https is a proxy's or another suite's",
    "CL-52": "a dead agent comes back after a second, also while workers start (systemd's rule)",
    "CL-73": "a unit is started again when its process has ended; the others serve meanwhile",
    "CL-76": "systemd or the supervisor repairs without end; `eggd status` says what is missing",
    "CL-101": "workers share one listener and no state, so a client need not meet the same one",
    "CL-102": "a worker is a process; an app that wants threads makes them",
    "SCR-12": "nothing is loaded by flag before the framework (CL-8)",
}
"""Facts that eggd leaves out on purpose, each with the reason."""


def test_every_fact_has_a_test_or_a_reason() -> None:
    missing = [fact for fact in FACTS if fact not in _named() and fact not in LEFT_OUT]
    assert missing == []


def test_only_what_is_really_left_out_is_called_so() -> None:
    assert [fact for fact in LEFT_OUT if fact in _named() or fact not in FACTS] == []


@cache
def _named() -> set[str]:
    """Returns the facts that tests name."""
    files = (ROOT / "tests").rglob("test_*.py")
    return {fact for file in files for fact in facts_of(file, "process")}
