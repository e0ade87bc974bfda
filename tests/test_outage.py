"""An outage is two lines in the log, however many calls fail in it."""

from __future__ import annotations

import re
from typing import cast

import pytest

from eggd import Logger, Outage


class Lines:
    """A logger that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, text: str, *values: object) -> None:
        self.lines.append("ERROR " + text % values)

    def info(self, text: str, *values: object) -> None:
        self.lines.append("INFO " + text % values)


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def outage(lines: Lines) -> Outage:
    return Outage("[money] the bank", lambda: cast("Logger", lines), effect="orders wait")


def test_it_logs_the_first_failure_and_the_first_success_after_it(
    outage: Outage, lines: Lines
) -> None:
    assert [outage.success(), outage.failure("refused"), outage.failure("timeout")] == [
        False,
        True,
        False,
    ]
    assert (outage.is_on, outage.problem) == (True, "refused")
    assert [outage.success(), outage.success()] == [True, False]
    assert (outage.is_on, outage.problem) == (False, "")
    first, second = lines.lines
    assert first == "ERROR [money] the bank is down: refused (orders wait)"
    assert re.fullmatch(r"INFO \[money\] the bank is back after \d+\.\d s", second)


def test_each_outage_is_reported(outage: Outage, lines: Lines) -> None:
    for _ in range(3):
        assert outage.failure("x")
        assert outage.success()
    assert len(lines.lines) == 6


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        (TimeoutError(), "TimeoutError"),
        (OSError(5, "no disk"), "[Errno 5] no disk"),
        ("redis://:hunter2pass@db/0 refused", "redis://:***@db/0 refused"),
    ],
)
def test_the_problem_is_a_text_without_secrets(
    reason: str | BaseException, problem: str, outage: Outage, lines: Lines
) -> None:
    outage.failure(reason)
    assert outage.problem == problem
    assert lines.lines == [f"ERROR [money] the bank is down: {problem} (orders wait)"]


def test_the_logger_is_that_of_the_moment(lines: Lines) -> None:
    """A logger that replaces another one, as in a request, gets the line."""
    loggers = [Lines()]
    outage = Outage("it", lambda: cast("Logger", loggers[-1]))
    loggers.append(lines)
    outage.failure("x")
    assert (lines.lines, loggers[0].lines) == (["ERROR it is down: x"], [])
