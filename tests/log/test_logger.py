from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path

import logbook
import pytest

from eggd.errors import ConfigError
from eggd.log import Logger, Loggers
from eggd.masking import known
from tests.log.conftest import Screen

Logs = Callable[[str], list[str]]


def test_a_line(loggers: Loggers, tmp_path: Path) -> None:
    loggers.logger.info("paid %s", "é")
    line = (tmp_path / "logs" / "shop-web.log").read_text()
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d,\d{{3}} INFO {os.getpid()} paid é\n", line
    )


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("info", "INFO"),
        ("warn", "WARN"),
        ("warning", "WARN"),
        ("error", "ERROR"),
        ("critical", "ERROR"),
        ("notice", "INFO"),
    ],
)
def test_levels(loggers: Loggers, logs: Logs, method: str, name: str) -> None:
    getattr(loggers.logger, method)("x")
    assert logs("shop-web.log") == [f"{name} x"]


def test_lines_below_the_level_are_not_formatted(loggers: Loggers, logs: Logs) -> None:
    class Loud:
        def __str__(self) -> str:
            raise AssertionError("formatted")

    loggers.logger.debug("%s", Loud())
    loggers.logger.trace("%s", Loud())
    assert logs("shop-web.log") == []


def test_the_level_may_change(loggers: Loggers, logs: Logs) -> None:
    loggers.logger.level = "debug"
    loggers.logger.debug("now")
    loggers.logger.level = logbook.ERROR
    loggers.logger.warning("not")
    assert logs("shop-web.log") == ["DEBUG now"]
    with pytest.raises(ConfigError, match="not 'loud'"):
        loggers.logger.level = "loud"


def test_context_and_children(loggers: Loggers, logs: Logs) -> None:
    bound = loggers.logger.bind(lambda: "[-/127.0.0.1/-/3ms GET /a\n2026-]")
    bound.child("service.a").child("b").warn("x %d", 1)
    loggers.logger.child("plain").info("y")
    assert logs("shop-web.log") == [
        "WARN [-/127.0.0.1/-/3ms GET /a\\n2026-] [service.a] [b] x 1",
        "INFO [plain] y",
    ]


def test_an_error_alone(loggers: Loggers, logs: Logs) -> None:
    loggers.logger.error(ValueError("bad"), "ignored")
    loggers.logger.warning("%s later", ValueError("bad"))
    lines = logs("shop-web.log")
    assert lines[0] == "ERROR python.ValueError: bad"
    assert lines[-1] == "WARN bad later"


def raised() -> ValueError:
    """Returns an exception that was raised."""
    try:
        raise ValueError("bad")
    except ValueError as exc:
        return exc


@pytest.mark.parametrize("args", [("failed", 1), ("failed %d", 1), ("failed %d: %s", 1)])
def test_an_error_keeps_its_type_and_stack(
    loggers: Loggers, logs: Logs, args: tuple[object, ...]
) -> None:
    """An exception behind a text is reported below it (process:LOG-30)."""
    loggers.logger.error(*args, raised())
    first, second, third, *_ = logs("common-error.log")
    assert first in ("ERROR failed 1", "ERROR failed 1: bad")
    assert (second, third) == ("python.ValueError: bad", "Traceback (most recent call last):")


def test_a_warning_shows_an_error_as_its_text_asks(loggers: Loggers, logs: Logs) -> None:
    """Below ERROR `%s` shows the message alone; an exception without a place has its report."""
    loggers.logger.warning("retried: %s", raised())
    loggers.logger.warning("retried", raised())
    assert logs("shop-web.log")[:3] == [
        "WARN retried: bad",
        "WARN retried",
        "python.ValueError: bad",
    ]


def test_the_exception_being_handled(loggers: Loggers, logs: Logs) -> None:
    try:
        raise ValueError("bad")
    except ValueError as exc:
        loggers.logger.exception("failed %d", 1)
        loggers.logger.warning("again", exc_info=exc)
        loggers.logger.warning("and again", exc_info=True)
    loggers.logger.exception("nothing is handled")
    firsts = [line for line in logs("shop-web.log") if line.startswith(("ERROR ", "WARN "))]
    assert firsts == [
        "ERROR failed 1",
        "WARN again",
        "WARN and again",
        "ERROR nothing is handled",
    ]
    text = (loggers.dir / "shop-web.log").read_text()
    assert text.count("\npython.ValueError: bad\nTraceback") == 3


def test_named_arguments(loggers: Loggers, logs: Logs) -> None:
    loggers.logger.info("%(who)s paid", who="ann")
    assert logs("shop-web.log") == ["INFO ann paid"]


def test_a_raw_line(loggers: Loggers) -> None:
    """A raw line has no date and no level, but arguments (process:LOG-24)."""
    loggers.logger.level = "ERROR"
    loggers.logger.write('{"raw": true}')
    loggers.logger.write("%s and\x1b[2J", "more", 7)
    lines = (loggers.dir / "shop-web.log").read_text().splitlines()
    assert lines == ['{"raw": true}', "more and\\x1b[2J 7"]


def test_level_none_writes_nothing(loggers: Loggers, logs: Logs, screen: Screen) -> None:
    """At level NONE a file gets nothing, raw lines included (process:LOG-24, LOG-41)."""
    loggers.logger.level = "NONE"
    loggers.logger.write("raw")
    loggers.logger.error("lost")
    assert logs("shop-web.log") == []


def test_another_handler_gets_the_record(loggers: Loggers, logs: Logs) -> None:
    with logbook.TestHandler(bubble=True) as handler:
        loggers.logger.child("pay").warn("paid %s", "ann")
        assert [record.message for record in handler.records] == ["paid ann"]
    assert logs("shop-web.log") == ["WARN [pay] paid ann"]


def test_a_handler_that_does_not_bubble_keeps_the_record(loggers: Loggers, logs: Logs) -> None:
    with logbook.TestHandler() as handler:
        loggers.logger.error(ValueError("bad"))
        assert handler.records[0].exception_name == "builtins.ValueError"
    assert logs("shop-web.log") == []


def test_a_handler_of_one_logger(loggers: Loggers, logs: Logs) -> None:
    handler = logbook.TestHandler(bubble=True)
    loggers.logger.handlers.append(handler)
    loggers.logger.info("both")
    assert (len(handler.records), logs("shop-web.log")) == (1, ["INFO both"])


def test_with_no_handler_on_the_stack_lines_still_come(
    loggers: Loggers, logs: Logs, screen: Screen
) -> None:
    screen.console.close()
    loggers.logger.info("%s", "here")
    screen.console.install()
    assert logs("shop-web.log") == ["INFO here"]


def test_a_credential_is_masked_in_lines_errors_and_lines_of_libraries(
    loggers: Loggers, logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "_values", set())
    known.remember("rain on sunday\n2026-")
    try:
        loggers.logger.info("with %s", "rain on sunday\n2026-")
        loggers.logger.info("with %r", "rain on sunday\n2026-")
        logging.getLogger("db").error("connect: %s", "rain on sunday\n2026-")
        loggers.logger.error(ValueError("rain on sunday\n2026-"))
    finally:
        known.FORMS.clear()
    first, second, third, *rest = logs("shop-web.log")
    assert (first, second, third) == (
        "INFO with ***",
        "INFO with '***'",
        "ERROR [db] connect: ***",
    )
    assert rest[0] == "ERROR python.ValueError: ***"


class Hostile:
    """An argument whose methods raise."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


Call = Callable[[Logger], None]


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda log: log.info("x", extra=5), "INFO x extra=5"),
        (lambda log: log.info("x %d", 1, extra=["a"]), "INFO x 1 extra=['a']"),
        (lambda log: log.info(Hostile()), "INFO <Hostile without a text>"),
        (lambda log: log.info("x", extra=Hostile()), "INFO x extra=<Hostile without a text>"),
        (lambda log: log.info("x", exc_info=5), "INFO x"),
        (lambda log: log.info("x", exc_info=(1,)), "INFO x"),
        (lambda log: log.log("loud", "x"), "WARN x (unknown level 'loud')"),
        (lambda log: log.log(5, "x"), "WARN x (unknown level 5)"),
        (lambda log: log.log("notice", "x"), "INFO x"),
        (lambda log: log.bind(bool).info("x"), "INFO x (the log call fails: python.{})"),
    ],
)
def test_a_call_with_bad_arguments_is_a_line(
    loggers: Loggers, logs: Logs, call: Call, line: str
) -> None:
    """No logging call raises, and its message is written (process:LOG-35)."""
    call(loggers.logger)
    error = "AttributeError: 'bool' object has no attribute 'isprintable'"
    assert logs("shop-web.log") == [line.format(error)]


def test_a_processor_that_raises_stops_no_request(loggers: Loggers, logs: Logs) -> None:
    """An app's own Logbook processor may fail (process:LOG-35)."""

    def add_user(record: logbook.LogRecord) -> None:
        raise KeyError("user")

    with logbook.TestHandler(bubble=True), logbook.Processor(add_user):
        loggers.logger.info("x %s", 1)
    assert logs("shop-web.log") == ["INFO x 1 (the log call fails: python.KeyError: 'user')"]
