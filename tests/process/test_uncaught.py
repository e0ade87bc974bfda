"""Uncaught exceptions of callbacks and tasks are logged and counted."""

from __future__ import annotations

import asyncio
import errno
import gc
import os

import pytest

from eggd.app.config import AppConfig
from eggd.config.config import ROOT, Config
from eggd.config.sources import Source
from eggd.errors import ConfigError
from eggd.process.agent_process import summary
from eggd.process.uncaught import catch_uncaught, ignored_codes


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, msg: object, *args: object) -> None:
        self.lines.append(str(msg) % args if args else repr(msg))

    debug = info = warn = warning = error


async def broken() -> None:
    raise ValueError("no")


def test_an_exception_of_a_task_is_logged_and_the_process_runs_on() -> None:
    # core:APP-6, process:CL-92
    log, ended = Log(), list[str]()

    async def main() -> None:
        catch_uncaught(asyncio.get_running_loop(), log, ended.append)
        task = asyncio.ensure_future(broken())
        await asyncio.wait([task])
        del task
        gc.collect()

    asyncio.run(main())
    assert log.lines == ["[egg:unhandledRejection] ValueError: no", "ValueError('no')"]
    assert ended == []


def test_an_exception_of_a_callback_is_counted_and_ends_the_worker() -> None:
    # core:APP-7, process:CL-90
    log, ended = Log(), list[str]()

    def explode() -> None:
        raise ValueError("no")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        catch_uncaught(loop, log, ended.append)
        for _ in range(2):
            loop.call_soon(explode)
        await asyncio.sleep(0)

    asyncio.run(main())
    expected = "ValueError: no (uncaughtException throw {} times on pid: {})"
    assert log.lines[::2] == [expected.format(count, os.getpid()) for count in (1, 2)]
    assert ended == ["ValueError: no", "ValueError: no"]


@pytest.mark.parametrize(
    ("names", "error", "lives"),
    [
        (["ECONNRESET"], ConnectionResetError(errno.ECONNRESET, "gone"), True),
        (["ECONNRESET"], OSError(errno.EPIPE, "gone"), False),
        (["KeyError"], KeyError("a"), True),
        (["LookupError"], KeyError("a"), True),
        (["IndexError"], KeyError("a"), False),
        ([], KeyError("a"), False),
    ],
)
def test_an_exception_on_the_ignore_list_does_not_end_the_worker(
    names: list[str], error: Exception, lives: bool
) -> None:
    # core:APP-7, process:CL-91
    log, ended = Log(), list[str]()

    def explode() -> None:
        raise error

    async def main() -> None:
        loop = asyncio.get_running_loop()
        catch_uncaught(loop, log, ended.append, names)
        loop.call_soon(explode)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert (ended == []) is lives
    message = f"{''.join(names)} matches ignore list, the process keeps running"
    assert (log.lines[-1] == message) is lives
    assert "uncaughtException throw 1 times" in log.lines[0]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ECONRESET", "did you mean 'ECONNRESET'?"),
        ("XYZZY", "errno(3) lists all names"),
        ("shop.errors.PaidError", "the name of a class without its module, or of an errno"),
    ],
)
def test_a_name_that_can_never_match_is_an_error(name: str, hint: str) -> None:
    # process:CL-91
    config = Config({ROOT: AppConfig})
    config.add(Source("config_prod.py", {"server_graceful_ignore_code": ["EPIPE", name]}))
    config.freeze()
    with pytest.raises(ConfigError) as failed:
        ignored_codes(config)
    line = f"config_prod.py: server_graceful_ignore_code: {name!r} names no exception ({hint})"
    assert failed.value.line == line


TRACE = "Traceback (most recent call last):"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("the inbox is full", "the inbox is full"),
        (f"event: hi, error: async\n{TRACE}\n  ...", "event: hi, error: async"),
        (f"it failed: {TRACE}\n  File 'a'\nValueError: no egg", "it failed: ValueError: no egg"),
    ],
)
def test_the_last_error_of_the_agent_has_its_exception(text: str, line: str) -> None:
    """`eggd status` shows one line of an entry of the log."""
    assert summary(text) == line
