"""Exceptions that nobody caught: logged, counted, and told apart by where they came from."""

from __future__ import annotations

import asyncio
import gc
import os

from eggd.process.failing import catch_uncaught


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, msg: object, *args: object) -> None:
        self.lines.append(str(msg) % args if args else repr(msg))

    debug = info = warn = warning = error


async def broken() -> None:
    raise ValueError("no")


def test_what_a_task_raised_is_logged_and_the_process_lives_on() -> None:
    """core:APP-6."""
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


def test_what_a_callback_raised_is_counted_and_ends_the_worker() -> None:
    """core:APP-7; no code is exempt: there is no serverGracefulIgnoreCode."""
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
    said = "ValueError: no (uncaughtException throw {} times on pid: {})"
    assert log.lines[::2] == [said.format(count, os.getpid()) for count in (1, 2)]
    assert ended == ["ValueError: no", "ValueError: no"]
