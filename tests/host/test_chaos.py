"""The harness of `make chaos` reports a promise that holds, and one that is broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.chaos.__main__ import attempt, report
from tests.chaos.numbered import numbered
from tests.chaos.rows import Row, kills_of_workers
from tests.chaos.trial import WORKERS, Trial
from tests.host.conftest import Boot
from tests.host.host import Host
from tests.host.rootfs import Flavour

pytestmark = pytest.mark.one_suite("bookworm")

SECONDS, RATE = 3.0, 200.0


def refuses(trial: Trial) -> None:
    """Closes the listener while clients ask, which no row does."""
    with trial.load():
        trial.host.run("systemctl stop egg-master")
        trial.quiet(1)
        trial.host.run("systemctl start egg-master")
    trial.require_none_failed()


def loses(trial: Trial) -> None:
    """Removes the log beside processes that write numbered lines."""
    with trial.load(), numbered(trial):
        trial.host.run("rm /var/log/eggd/shared.log")


CASES = [
    (Row("kills of workers", "only its own connections", kills_of_workers), True, "0 refused"),
    (Row("closed listener", "0 failed", refuses), False, "'refused': "),
    (Row("removed log", "no line lost", loses), False, "lines lost: {"),
]


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    """Four workers on the suite app, for all cases."""
    return module_boot("suite", workers=WORKERS)


@pytest.mark.parametrize(("row", "holds", "seen"), CASES, ids=[case[0].name for case in CASES])
def test_a_row_is_reported_with_its_exit_code(
    host: Host,
    deb: Path,
    flavour: Flavour,
    row: Row,
    holds: bool,
    seen: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    result = attempt(Trial(host, SECONDS, RATE, deb), flavour, row)
    assert (result.holds, seen in result.seen) == (holds, True), result.seen
    assert report([result], as_json=True) == (0 if holds else 1)
    assert json.loads(capsys.readouterr().out)[0]["holds"] is holds
    assert report([result], as_json=False) == (0 if holds else 1)
    state = "yes" if holds else "**no**"
    assert (
        f"| {flavour.suite} | {row.name} | {row.required} | {state} | " in capsys.readouterr().out
    )
