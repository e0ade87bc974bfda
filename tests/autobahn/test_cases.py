"""Autobahn's cases against a native route and an ASGI mount, in the short form of section 9."""

from collections.abc import Callable, Iterator

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


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("target", TARGETS)
def test_every_case_in_full(client: Client, target: str, figure: Callable[[str], None]) -> None:
    every = cases(full=True)
    failures = {case.number: play(client.port, target, case) for case in every}
    assert {number: text for number, text in failures.items() if text} == {}
    figure(f"{target}: {len(every)} of {len(every)} cases passed")


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
