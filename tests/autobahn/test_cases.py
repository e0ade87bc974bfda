"""Autobahn's cases against a native route and an ASGI mount, in the short form of section 9.

In full, with the counts: `python -m tests.autobahn`.
"""

from collections.abc import Iterator

import pytest

from tests.app.serving import Client, served
from tests.autobahn.case import Case
from tests.autobahn.peer import play
from tests.autobahn.targets import FILES, TARGETS, cases

CASES = cases(full=False)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("autobahn") / "shop", FILES) as client:
        yield client


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", CASES, ids=[case.number for case in CASES])
def test_case(client: Client, case: Case, target: str) -> None:
    assert play(client.port, target, case) == ""


def test_no_case_is_missing() -> None:
    """The number of cases in each section of Autobahn's suite 25.10."""
    counts: dict[str, int] = {}
    for case in CASES:
        section = case.number.partition(".")[0]
        counts[section] = counts.get(section, 0) + 1
    assert counts == {
        "1": 16,
        "2": 11,
        "3": 7,
        "4": 10,
        "5": 20,
        "6": 145,
        "7": 37,
        "9": 54,
        "10": 1,
    }
    assert len({case.number for case in CASES}) == len(CASES)
