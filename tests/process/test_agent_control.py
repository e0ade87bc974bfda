"""The agent's control socket: requests of the command line, and everything else that may come."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from eggd.control import AGENT
from eggd.control.client import ask
from eggd.errors import EggError, ListenError, ReportedError
from eggd.messenger import Messenger, MessengerConfig
from eggd.process.agent_control import AgentControl

LINES = {
    '{"command": "request", "action": "none"}': "the agent has no handler for 'none'",
    '{"command": "request", "action": 5}': f"{AGENT}: 'request': unknown command",
    '{"command": "request"}': f"{AGENT}: 'request': unknown command",
    '{"command": "stop"}': f"{AGENT}: 'stop': unknown command",
    "[]": "a request is a line",
    "x" * 100_000: "no request of up to 4096 bytes came",
    '{"command": "request", "action": "broken"}': "broken: by design",
    '{"command": "request", "action": "odd"}': "ZeroDivisionError",
}


def broken(data: object) -> None:
    raise EggError("broken: by design")


def odd(data: object) -> None:
    raise ZeroDivisionError


@asynccontextmanager
async def serving(rundir: Path) -> AsyncIterator[AgentControl]:
    """The socket of an agent that answers `twice`, `broken` and `odd`."""
    config = MessengerConfig(directory=str(rundir))
    messenger = Messenger("agent", 0, config, lambda level, text: None)
    messenger.on_request("twice", lambda data: [data, data])
    messenger.on_request("broken", broken).on_request("odd", odd)
    await messenger.open()
    control = AgentControl(rundir, messenger)
    try:
        await control.open()
        yield control
    finally:
        await control.close()
        messenger.close()


def play(rundir: Path, scene: Callable[[AgentControl], Awaitable[None]]) -> None:
    async def main() -> None:
        async with serving(rundir) as control:
            await scene(control)

    asyncio.run(main())


async def twice(rundir: Path, value: object) -> object:
    request = {"command": "request", "action": "twice", "data": value}
    return await asyncio.to_thread(ask, rundir, request, print, 5, file=AGENT)


def test_a_handler_answers(tmp_path: Path) -> None:
    async def scene(control: AgentControl) -> None:
        assert await twice(tmp_path, {"a": [1]}) == [{"a": [1]}, {"a": [1]}]
        mode = (tmp_path / AGENT).stat().st_mode
        assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)

    play(tmp_path, scene)
    assert not (tmp_path / AGENT).exists()


@pytest.mark.parametrize(("line", "problem"), LINES.items(), ids=range(len(LINES)))
def test_everything_else_is_one_line(tmp_path: Path, line: str, problem: str) -> None:
    async def scene(control: AgentControl) -> None:
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / AGENT))
        writer.write(line.encode() + b"\n")
        [answer] = (await reader.read()).splitlines()
        writer.close()
        assert problem in json.loads(answer)["error"]

    play(tmp_path, scene)


def test_an_error_has_its_hint(tmp_path: Path) -> None:
    async def scene(control: AgentControl) -> None:
        request = {"command": "request", "action": "none"}
        with pytest.raises(ReportedError) as caught:
            await asyncio.to_thread(ask, tmp_path, request, print, 5, file=AGENT)
        assert caught.value.hint == "is its plugin off?"

    play(tmp_path, scene)


def test_a_removed_socket_is_bound_again(tmp_path: Path) -> None:
    async def scene(control: AgentControl) -> None:
        assert control.intact
        (tmp_path / AGENT).unlink()
        assert not control.intact
        control.restore()
        assert await twice(tmp_path, 1) == [1, 1]

    play(tmp_path, scene)


def test_a_socket_of_a_killed_agent_is_replaced(tmp_path: Path) -> None:
    (tmp_path / AGENT).touch()

    async def scene(control: AgentControl) -> None:
        assert await twice(tmp_path, 1) == [1, 1]

    play(tmp_path, scene)


def test_a_path_that_cannot_be_bound_is_an_error(tmp_path: Path) -> None:
    os.mkdir(tmp_path / AGENT)
    with pytest.raises(ListenError, match="cannot bind"):
        play(tmp_path, lambda control: asyncio.sleep(0))
