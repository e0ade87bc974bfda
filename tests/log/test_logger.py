from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path

import logbook
import pytest

from eggd.errors import ConfigError
from eggd.log import Loggers
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
    loggers.logger.write('{"raw": true}')
    assert (loggers.dir / "shop-web.log").read_text() == '{"raw": true}\n'


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
