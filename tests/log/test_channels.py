"""Transports, formats, JSON lines and loggers that pass entries on."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eggd.config.section import coerce
from eggd.errors import ArgumentError, ConfigError
from eggd.log import CustomLogger, Loggers
from eggd.log.config import LoggerConfig
from eggd.log.entry import Entry
from eggd.masking import known
from tests.log.conftest import MakeLoggers, Screen

Logs = Callable[[str], list[str]]
AUDIT = {"audit": CustomLogger(file="audit.log")}


class Ctx:
    """A ctx as loggers know it."""

    def log_padding(self) -> str:
        return "[7/::1/t/3ms GET /]"

    def log_fields(self) -> dict[str, str]:
        return {"TRACE_ID": "t" * 32, "HTTP_PATH": "/"}


def test_a_transport_gets_entries_from_its_level_on(loggers: Loggers) -> None:
    """`set`, `get`, `disable` and `enable` (process:LOG-11)."""
    entries: list[Entry] = []
    logger = loggers.logger
    logger.set("mail", entries.append, "WARN")
    assert logger.get("mail") == entries.append
    assert logger.get("file") is None
    logger.info("no")
    ctx = Ctx()
    logger.bind(ctx.log_padding, ctx).warn("late %d", 3, extra={"order": 7})
    [entry] = entries
    assert (entry.level, entry.message, entry.padding) == ("WARN", "late 3", "[7/::1/t/3ms GET /]")
    assert (entry.ctx, entry.logger, entry.pid) == (ctx, "logger", os.getpid())
    assert dict(entry.extra) == {"order": 7}
    logger.disable("mail")
    logger.warning("no")
    logger.enable("mail")
    logger.error("yes")
    assert [each.message for each in entries] == ["late 3", "yes"]


def test_built_in_transports_can_be_switched_off(
    loggers: Loggers, logs: Logs, screen: Screen
) -> None:
    """A disabled file or console gets nothing, an unknown name is an error (process:LOG-11)."""
    logger = loggers.logger
    logger.disable("file")
    logger.warning("shown")
    logger.disable("console")
    logger.enable("file")
    logger.warning("written")
    assert (logs("shop-web.log"), screen.lines) == (["WARN written"], ["<4>shown"])
    with pytest.raises(ArgumentError, match="'fil': unknown transport"):
        logger.disable("fil")


def test_a_transport_may_replace_the_console(loggers: Loggers, screen: Screen) -> None:
    """A transport named "console" gets what the console would (process:LOG-11)."""
    entries: list[Entry] = []
    loggers.logger.set("console", entries.append)
    loggers.logger.warning("x")
    assert ([each.text for each in entries], screen.lines) == (["x"], [])


def test_a_failing_transport_is_reported_once(loggers: Loggers, screen: Screen, logs: Logs) -> None:
    """No transport makes a logging call raise (process:LOG-35)."""

    def broken(entry: Entry) -> None:
        raise ValueError(entry.message)

    loggers.logger.set("x", broken)
    loggers.logger.info("one")
    loggers.logger.info("two")
    assert logs("shop-web.log") == ["INFO one", "INFO two"]
    [line] = screen.lines
    assert line.endswith("broken of the logger logger fails: python.ValueError: one")


def test_a_transport_gets_no_credential(loggers: Loggers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_values", set())
    known.remember("rain on sunday")
    messages: list[str] = []
    loggers.logger.set("mail", lambda entry: messages.append(entry.message))
    try:
        loggers.logger.info("db %s", "rain on sunday")
    finally:
        known.FORMS.clear()
    assert messages == ["db ***"]


def test_errors_of_all_loggers_reach_the_transports_of_the_error_logger(loggers: Loggers) -> None:
    """A transport of `error_logger` sees each error once (process:LOG-50)."""
    messages: list[str] = []
    loggers.error_logger.set("report", lambda entry: messages.append(entry.message))
    loggers.logger.error("one")
    loggers.core_logger.error("two")
    loggers.error_logger.error("three")
    loggers.logger.warning("no")
    assert messages == ["one", "two", "three"]


def test_a_transport_may_replace_the_console_of_all_errors(
    loggers: Loggers, screen: Screen
) -> None:
    """The console of errors is that of the `error_logger`, from any logger (process:LOG-51)."""
    messages: list[str] = []
    loggers.error_logger.set("console", lambda entry: messages.append(entry.message))
    loggers.logger.error("one")
    loggers.core_logger.error("two")
    loggers.error_logger.error("three")
    loggers.logger.warning("shown")
    assert (messages, screen.lines) == (["one", "two", "three"], ["<4>shown"])
    loggers.error_logger.disable("console")
    loggers.logger.error("four")
    assert (len(messages), screen.lines) == (3, ["<4>shown"])


def test_an_entry_of_json_needs_no_ctx_that_works(make: MakeLoggers, logs: Logs) -> None:
    """A ctx whose fields raise costs the trace, not the line (process:LOG-35)."""

    class Broken(Ctx):
        def log_fields(self) -> dict[str, str]:
            raise ValueError("no tracer")

    logger = make(output_json_only=True).logger
    logger.bind(Ctx().log_padding, Broken()).info("x", extra={(1, 2): 3})
    [line] = logs("shop-web.json.log")
    data = json.loads(line)
    assert (data["message"], data["(1, 2)"], "trace_id" in data) == ("x", 3, False)


def test_an_entry_goes_to_two_loggers(make: MakeLoggers, logs: Logs, screen: Screen) -> None:
    """Only the first registration of a level counts (process:LOG-52)."""
    loggers = make(custom_logger={**AUDIT, "other": CustomLogger(file="other.log")})
    audit, other = loggers.get("audit"), loggers.get("other")
    assert audit is not None
    assert other is not None
    loggers.logger.duplicate("warn", audit, excludes=["console"])
    loggers.logger.duplicate("warn", other)
    loggers.logger.warning("both")
    loggers.logger.info("one")
    loggers.logger.unduplicate("WARN")
    loggers.logger.warning("alone")
    assert logs("audit.log") == ["WARN both"]
    assert logs("other.log") == []
    assert logs("shop-web.log") == ["WARN both", "INFO one", "WARN alone"]
    assert screen.lines == ["<4>both", "<4>alone"]


def test_an_entry_goes_to_another_logger(make: MakeLoggers, logs: Logs) -> None:
    """A redirected level reaches no transport of its own logger (process:LOG-52)."""
    loggers = make(custom_logger=AUDIT)
    audit = loggers.get("audit")
    assert audit is not None
    entries: list[Entry] = []
    loggers.logger.set("own", entries.append)
    loggers.logger.redirect("info", audit)
    loggers.logger.info("there")
    loggers.logger.unredirect("info")
    loggers.logger.info("here")
    assert (logs("audit.log"), logs("shop-web.log")) == (["INFO there"], ["INFO here"])
    assert len(entries) == 1


def test_entries_cannot_run_in_circles(make: MakeLoggers) -> None:
    """A circle of loggers is an error where it is closed (process:LOG-52)."""
    loggers = make(custom_logger=AUDIT)
    audit = loggers.get("audit")
    assert audit is not None
    loggers.logger.duplicate("info", audit)
    with pytest.raises(ArgumentError, match="the loggers audit and logger would pass entries"):
        audit.redirect("info", loggers.logger)
    with pytest.raises(ArgumentError, match="in circles"):
        audit.duplicate("info", audit)


def test_what_is_not_a_transport_or_a_logger(make: MakeLoggers) -> None:
    """The call raises, not the first line of the log (process:LOG-11, LOG-52)."""
    loggers = make()
    wrong: Any = None
    for pass_on in (loggers.logger.duplicate, loggers.logger.redirect):
        with pytest.raises(ArgumentError, match=r"None is not a logger .*for an unknown name"):
            pass_on("info", wrong)
    with pytest.raises(ArgumentError, match=r"logger.set: 'mail': must be a function, not None"):
        loggers.logger.set("mail", wrong)


def test_fields_of_json_lines(make: MakeLoggers, tmp_path: Path) -> None:
    """Values of JSON stay as they are, others are text; those of secret keys are masked."""
    loggers = make(output_json=True)
    item = {"id": 1, "db_password": "hush", "tags": ("a", None)}
    fields = {"price": 1.5, "nan": float("nan"), "item": item, "token": "hush", "at": Path("/a")}
    loggers.logger.info("paid", extra=fields)
    (line,) = _json(tmp_path / "logs" / "shop-web.json.log")
    assert {name: line[name] for name in fields} == {
        "price": 1.5,
        "nan": None,
        "item": {"id": 1, "db_password": "***", "tags": ["a", None]},
        "token": "***",
        "at": "/a",
    }


def test_json_lines_beside_the_text(make: MakeLoggers, logs: Logs, tmp_path: Path) -> None:
    """`output_json` writes both, and the ctx is not in them (process:LOG-40)."""
    loggers = make(output_json=True)
    ctx = Ctx()
    loggers.logger.bind(ctx.log_padding, ctx).info("paid\n2026- \x1b", extra={"order": 7})
    loggers.logger.error("bad")
    first, second = _json(tmp_path / "logs" / "shop-web.json.log")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}", str(first.pop("date")))
    assert first.pop("hostname")
    assert first == {
        "level": "INFO",
        "pid": os.getpid(),
        "message": "paid\n2026- \x1b",
        "padding_message": "[7/::1/t/3ms GET /]",
        "trace_id": "t" * 32,
        "order": 7,
    }
    assert second["level"] == "ERROR"
    assert [each["message"] for each in _json(tmp_path / "logs" / "common-error.json.log")] == [
        "bad"
    ]
    assert logs("shop-web.log")[-1] == "ERROR bad"
    assert tmp_path / "logs" / "shop-web.json.log" in loggers.suite_files()


def test_json_lines_instead_of_text(make: MakeLoggers, tmp_path: Path) -> None:
    """`output_json_only` makes no file of text (process:LOG-40)."""
    custom = {"audit": CustomLogger(file="audit.log", output_json_only=True)}
    loggers = make(custom_logger=custom)
    audit = loggers.get("audit")
    assert audit is not None
    audit.info("x")
    [line] = _json(tmp_path / "logs" / "audit.json.log")
    assert line["message"] == "x"
    assert not (tmp_path / "logs" / "audit.log").exists()
    assert tmp_path / "logs" / "audit.log" not in loggers.suite_files()


def test_dates_in_iso_8601(make: MakeLoggers, tmp_path: Path) -> None:
    """`date_iso_format` shows UTC with a Z (process:LOG-23)."""
    make(date_iso_format=True).logger.info("x")
    text = (tmp_path / "logs" / "shop-web.log").read_text()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO \d+ x\n", text)


def test_formatters(make: MakeLoggers, tmp_path: Path) -> None:
    """Lines within a request have a format of their own, and their padding (process:LOG-25)."""
    loggers = make(
        formatter=lambda entry: f"{entry.level}|{entry.message}",
        context_formatter=lambda entry: f"{entry.padding_message}|{entry.message}",
        padding_message_formatter=lambda ctx: ctx.log_fields()["HTTP_PATH"],
    )
    ctx = Ctx()
    loggers.logger.info("out\x1b")
    loggers.logger.bind(ctx.log_padding, ctx).info("in")
    assert (tmp_path / "logs" / "shop-web.log").read_text() == "INFO|out\\x1b\n/|in\n"


@pytest.mark.parametrize("name", ["formatter", "context_formatter", "padding_message_formatter"])
def test_a_formatter_that_cannot_be_called(make: MakeLoggers, name: str) -> None:
    """The start fails; an exception of a formatter that is called is reported once."""
    wrong: Any = {name: lambda: "x"}
    with pytest.raises(ConfigError, match=rf"logger\.{name}: too many positional arguments"):
        make(**wrong)


@pytest.mark.parametrize("name", ["logger", "core_logger", "error_logger"])
def test_the_name_of_an_own_logger(make: MakeLoggers, name: str) -> None:
    """`app.get_logger` would return another logger than the attribute."""
    with pytest.raises(ConfigError, match=f"{name}: eggd has a logger of that name"):
        make(custom_logger={name: CustomLogger(file="a.log")})


def test_a_failing_formatter_leaves_the_usual_line(
    make: MakeLoggers, logs: Logs, screen: Screen
) -> None:
    """No formatter makes a logging call raise (process:LOG-25, LOG-35)."""
    loggers = make(
        formatter=lambda entry: entry.nothing, padding_message_formatter=lambda ctx: ctx.nothing
    )
    ctx = Ctx()
    loggers.logger.bind(ctx.log_padding, ctx).info("in")
    assert logs("shop-web.log") == ["INFO [7/::1/t/3ms GET /] in"]
    assert len(screen.lines) == 1


def test_another_encoding(make: MakeLoggers, tmp_path: Path) -> None:
    """Files may have another encoding; what it lacks is escaped (process:LOG-64)."""
    make(encoding="gbk").logger.info("中 é")
    assert (
        (tmp_path / "logs" / "shop-web.log")
        .read_bytes()
        .endswith(b" " + "中".encode("gbk") + b" \xa8\xa6\n")
    )
    make(encoding="latin-1", app_log_name="l.log").logger.info("中 é")
    assert (tmp_path / "logs" / "l.log").read_bytes().endswith(b" \\u4e2d \xe9\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "cp037", "nothing"])
def test_an_encoding_must_keep_ascii(encoding: str) -> None:
    """Several processes append to a file, and tools read it (process:LOG-64)."""
    with pytest.raises(ConfigError) as caught:
        coerce(LoggerConfig, {"encoding": encoding}, ("logger",), lambda _: "config.py")
    assert f"logger.encoding: {encoding!r} does not keep ASCII" in caught.value.message


def _json(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
