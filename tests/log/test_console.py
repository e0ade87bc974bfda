from __future__ import annotations

import logging
import os
import pty
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import logbook
import pytest

from eggd.errors import ConfigError
from eggd.log import Loggers, setup_console
from eggd.log.console import _takes_journal_lines
from eggd.log.levels import DEBUG, ERROR, INFO, WARN
from tests.log.conftest import JOURNAL, MakeLoggers, Screen

Logs = Callable[[str], list[str]]


@pytest.mark.parametrize(
    ("level", "text", "lines"),
    [
        (DEBUG, "x", ["<7>x"]),
        (INFO, "x", ["<6>x"]),
        (WARN, "x", ["<4>x"]),
        (ERROR, "a\n\nb\n<0>c", ["<3>a\\n\\nb\\n <0>c"]),
        (WARN, "<0>x", ["<4><0>x"]),
        (WARN, "a\r\n2026-01-01 00:00:00 ERROR 1 x", ["<4>a\\r\\n 2026-01-01 00:00:00 ERROR 1 x"]),
        (ERROR, 'a\n  File "x"\n\n<0>b\nc', ["<3>a", '<3>    File "x"', "<3>   <0>b", "<3>  c"]),
        (ERROR, "x" * 12_001, ["<3>" + "x" * 12_000, "<3>  x"]),
        (ERROR, "\n", ["<3>\\n"]),
        (ERROR, "", []),
        (ERROR, "a\x1b[31m\r\x00", ["<3>a\\x1b[31m\\r\\x00"]),
    ],
)
def test_a_call_is_one_entry_and_a_trace_is_indented(
    screen: Screen, level: int, text: str, lines: list[str]
) -> None:
    screen.console.write(level, text)
    assert screen.lines == lines


def test_a_call_of_any_logger_is_one_entry(loggers: Loggers, screen: Screen) -> None:
    hostile = "x\n<0>paid\x85y\u2028z"
    loggers.logger.warning("from %s", hostile)
    logging.getLogger("lib").warning("from %s", hostile)
    logbook.Logger("book").warning("from {}", hostile)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warnings, "filters", [])
        warnings.warn_explicit(hostile, UserWarning, "app.py", 7)
    assert len(screen.lines) == 4
    assert all("x\\n <0>paid\\x85y\\u2028z" in line for line in screen.lines)


def test_a_message_in_a_trace_cannot_pass_for_an_entry(loggers: Loggers, screen: Screen) -> None:
    try:
        raise ValueError("bad\n<0>paid\npaid")
    except ValueError as exc:
        loggers.logger.error(exc)
    first, *rest = screen.lines
    assert first.startswith("<3>")
    assert first.endswith("python.ValueError: bad")
    assert all(line.startswith("<3>  ") for line in rest)
    assert '<3>    File "' in "\n".join(rest)


def test_before_the_files_are_open(screen: Screen) -> None:
    logging.getLogger("lib").warning("careful %s", 1)
    logging.getLogger("lib").info("unasked")
    logbook.Logger("book").error("oops")
    assert screen.lines == ["<4>[lib] careful 1", "<3>[book] oops"]


def test_libraries_log_to_the_file_of_the_app(loggers: Loggers, screen: Screen, logs: Logs) -> None:
    logging.getLogger("lib").info("fine %s", 1)
    logbook.Logger("book").warning("hm {}", 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warnings, "filters", [])
        warnings.warn_explicit("old", DeprecationWarning, "app.py", 7)
    assert logs("shop-web.log") == [
        "INFO [lib] fine 1",
        "WARN [book] hm 2",
        "WARN [DeprecationWarning] old (app.py:7)",
    ]
    assert screen.lines == ["<4>[book] hm 2", "<4>[DeprecationWarning] old (app.py:7)"]


def test_a_coroutine_that_is_not_awaited_names_its_line(loggers: Loggers, logs: Logs) -> None:
    """If Python keeps the origin of coroutines, as in env local."""
    text = "coroutine 'f' was never awaited\nCoroutine created at (most recent call last)\n"
    frames = '  File "main.py", line 3, in main\n    g()\n  File "app.py", line 9, in g\n    f()'
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warnings, "filters", [])
        warnings.warn_explicit(text + frames, RuntimeWarning, "eggd.py", 7)
    assert logs("shop-web.log") == [
        "WARN [RuntimeWarning] coroutine 'f' was never awaited (app.py:9)"
    ]


def test_the_stack_of_a_library_is_shown(loggers: Loggers, logs: Logs) -> None:
    try:
        raise ValueError("bad")
    except ValueError:
        logging.getLogger("lib").exception("failed")
    assert logs("common-error.log")[0] == "ERROR [lib] failed"
    assert "python.ValueError: bad" in "\n".join(logs("shop-web.log"))


def test_logging_creates_no_record_below_the_level(make: MakeLoggers) -> None:
    make(level="ERROR")
    assert not logging.getLogger("lib").isEnabledFor(logging.WARNING)


def test_close_gives_everything_back(tmp_path: Path) -> None:
    before = (sys.excepthook, warnings.showwarning, list(logging.root.handlers))
    with (tmp_path / "out").open("w") as file:
        setup_console(None, "x", JOURNAL, file.fileno()).close()
    assert (sys.excepthook, warnings.showwarning, list(logging.root.handlers)) == before


def test_where_the_journal_listens(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:
        fd = file.fileno()
        found = os.fstat(fd)
        stream = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        assert _takes_journal_lines(fd, stream)
        assert not _takes_journal_lines(fd, {"JOURNAL_STREAM": "8:1"} | JOURNAL)
        assert _takes_journal_lines(fd, JOURNAL)
        assert not _takes_journal_lines(fd, {})


def test_a_terminal_gets_dates_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    main, terminal = pty.openpty()
    console = setup_console(None, "egg-worker@1", JOURNAL, terminal)
    console.write(ERROR, "oops")
    console.close()
    shown = os.read(main, 1000).decode()
    os.close(main)
    os.close(terminal)
    assert shown.startswith("\x1b[31m2")
    assert shown.endswith(f" ERROR {os.getpid()} egg-worker@1: oops\x1b[0m\r\n")


def test_a_closed_console_stops_no_process(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    console = setup_console(None, "x", JOURNAL, writer)
    console.write(ERROR, "lost")
    console.close()
    os.close(writer)


def test_an_unknown_level_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"EGG_LOG must be one of DEBUG, .*, not 'LOUD'"):
        setup_console("LOUD", "x", JOURNAL)


CRASH = """
import asyncio, sys, threading
from eggd.log import LoggerConfig, Loggers, setup_console
console = setup_console(None, "x", {"INVOCATION_ID": "1"})
loggers = Loggers(LoggerConfig(dir=sys.argv[1]), "shop", "application", "prod", console)
def crash():
    raise ValueError("in a thread")
async def main():
    loggers.logger.info("waits")
    thread = threading.Thread(target=crash)
    thread.start()
    thread.join()
    raise KeyError("uncaught")
asyncio.run(main())
"""


def test_a_crash_is_logged_and_nothing_that_waited_is_lost(tmp_path: Path, logs: Logs) -> None:
    command = [sys.executable, "-c", CRASH, str(tmp_path / "logs")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "python." in line] == [
        "<3>python.ValueError: in a thread",
        "<3>python.KeyError: 'uncaught'",
    ]
    assert logs("shop-web.log")[0] == "INFO waits"
    assert logs("common-error.log")[0] == "ERROR python.ValueError: in a thread"


FORK = """
import asyncio, os, sys
from eggd.log import LoggerConfig, Loggers, setup_console
console = setup_console(None, "x", {})
loggers = Loggers(LoggerConfig(dir=sys.argv[1]), "shop", "application", "prod", console)
async def main():
    loggers.logger.info("parent's")
    pid = os.fork()
    if pid == 0:
        loggers.logger.info("child's %d", os.getpid())
        os._exit(0)
    os.waitpid(pid, 0)
asyncio.run(main())
"""


def test_a_forked_child_writes_its_own_lines_only(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FORK, str(tmp_path / "logs")]
    subprocess.run(command, capture_output=True, check=True, timeout=30)
    lines = (tmp_path / "logs" / "shop-web.log").read_text().splitlines()
    texts = [line.split(" ", 4) for line in lines]
    assert sorted(part[4].split()[0] for part in texts) == ["child's", "parent's"]
    child = next(part for part in texts if part[4].startswith("child's"))
    assert child[4] == f"child's {child[3]}"
