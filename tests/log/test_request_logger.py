"""The loggers of requests write what all loggers write, by a shorter way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import logbook
import pytest

from eggd.log import Logger, Loggers
from tests.log.conftest import MakeLoggers, Screen

Logs = Callable[[str], list[str]]


class Ctx:
    """A request with a short bracket."""

    def log_padding(self) -> str:
        return "[bracket]"

    def log_fields(self) -> dict[str, str]:
        return {}

    def log_line(self, head: str, now: float, text: str) -> str:
        return f"{head}[bracket] {text}"


class Broken(Ctx):
    """A request whose members raise."""

    def log_padding(self) -> str:
        raise LookupError("no padding")

    def log_line(self, head: str, now: float, text: str) -> str:
        raise LookupError("no line")


def logger(loggers: Loggers, ctx: Ctx | None = None, name: str = "logger") -> Logger:
    own = loggers.within(name, ctx or Ctx())
    assert own is not None
    return own


def test_lines_have_the_bracket(loggers: Loggers, logs: Logs) -> None:
    """Each level has its name (process:LOG-21)."""
    own = logger(loggers)
    own.debug("hidden")
    own.info("a %s", 1)
    own.warn("b")
    own.warning("c %d%%", 2)
    own.error("d")
    expected = [
        "INFO [bracket] a 1",
        "WARN [bracket] b",
        "WARN [bracket] c 2%",
        "ERROR [bracket] d",
    ]
    assert logs("shop-web.log") == expected
    assert loggers.within("unknown", Ctx()) is None


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), ""),
        (("%d", "x"), "x"),
        (("a", "b"), "a b"),
        (("a %s", "b", "c"), "a b c"),
        (("%j", {"a": 1}), '{"a": 1}'),
        ((7,), "7"),
        ((7, 8), "7 8"),
        ((b"%d", 8), "b'8'"),
        (("100 %",), "100 %"),
    ],
)
def test_arguments_are_those_of_all_loggers(
    loggers: Loggers, logs: Logs, arguments: tuple[object, ...], text: str
) -> None:
    """No argument makes a call raise (process:LOG-22)."""
    logger(loggers).info(*arguments)
    loggers.core_logger.info(*arguments)
    assert logs("egg-web.log") == [f"INFO {text}"]
    assert logs("shop-web.log") == [f"INFO [bracket] {text}"]


def test_a_ctx_that_raises_leaves_a_line(loggers: Loggers, logs: Logs) -> None:
    """The text is logged without a bracket (process:LOG-35)."""
    logger(loggers, Broken()).info("paid %s", 7)
    [line] = logs("shop-web.log")
    assert line == "INFO paid 7 (the log call fails: python.LookupError: no padding)"


def test_a_change_of_the_level_counts_at_once(loggers: Loggers, logs: Logs, screen: Screen) -> None:
    """Also for a logger that was made before (process:LOG-5)."""
    own = logger(loggers)
    loggers.logger.level = "warn"
    own.info("hidden")
    own.warn("warned")
    loggers.logger.level = "debug"
    own.debug("debugged")
    loggers.set_console_level("info")
    own.info("shown")
    assert logs("shop-web.log") == [
        "WARN [bracket] warned",
        "DEBUG [bracket] debugged",
        "INFO [bracket] shown",
    ]
    assert "<6>[bracket] shown" in screen.lines


@pytest.mark.parametrize("kind", ["pushed", "appended", "assigned"])
def test_logbook_handlers_see_the_lines(loggers: Loggers, logs: Logs, kind: str) -> None:
    own = logger(loggers)
    own.info("before")
    handler = logbook.TestHandler(bubble=True)
    if kind == "pushed":
        handler.push_application()
    elif kind == "appended":
        loggers.logger.handlers.append(handler)
    else:
        loggers.logger.handlers = [handler]
    own.info("seen %s", 1)
    if kind == "pushed":
        handler.pop_application()
    else:
        loggers.logger.handlers.remove(handler)
    own.info("after")
    assert [record.message for record in handler.records] == ["seen 1"]
    expected = [f"INFO [bracket] {text}" for text in ("before", "seen 1", "after")]
    assert logs("shop-web.log") == expected


def test_entries_are_counted(loggers: Loggers) -> None:
    """By level, whatever way they went, also across a change of the levels."""
    own = logger(loggers)
    for _ in range(3):
        own.info("a")
        loggers.logger.info("b")
        loggers.logger.level = "info"
    own.warn("c")
    own.debug("hidden")
    logger(loggers, name="core_logger").info("d")
    assert {name: count for name, count in loggers.records.items() if count} == {
        "INFO": 7,
        "WARN": 1,
    }
    assert loggers.records["INFO"] == 7


def test_a_forked_child_shows_its_own_pid(loggers: Loggers, tmp_path: Path) -> None:
    own = logger(loggers)
    own.info("parent")
    child = os.fork()
    if not child:
        own.info("child")
        os._exit(0)
    os.waitpid(child, 0)
    lines = (tmp_path / "logs" / "shop-web.log").read_text().splitlines()
    assert [line.split()[3] for line in lines] == [str(os.getpid()), str(child)]


def test_a_full_buffer_is_written(make: MakeLoggers, logs: Logs) -> None:
    """One line more than the buffer takes, and all are in the file."""
    loggers = make(max_buffer_length=2, flush_interval=60.0)
    own = logger(loggers)
    for number in range(3):
        own.info("%d", number)
    assert len(logs("shop-web.log")) == 3
