"""The control socket: its commands, and everything hostile that may come."""

import asyncio
import contextlib
import json
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from eggd.control import SUPERVISOR as FILE
from eggd.control.client import MOST_LINES, ask
from eggd.control.server import MOST
from eggd.errors import ControlError, ReportedError
from eggd.supervisor.control import Control
from tests.supervisor.suite import Stage, play


async def asked(stage: Stage, said: list[str] | None = None, **request: object) -> object:
    heard = [] if said is None else said
    return await asyncio.to_thread(ask, stage.home / "run", request, heard.append)


async def answered(stage: Stage, data: bytes) -> list[object]:
    reader, writer = await asyncio.open_unix_connection(str(stage.home / "run" / FILE))
    writer.write(data)
    writer.write_eof()
    lines = (await reader.read()).splitlines()
    writer.close()
    return [json.loads(line) for line in lines]


def test_each_command_is_done_and_tells_what_it_does() -> None:
    async def scene(stage: Stage) -> None:
        supervisor = stage.supervisor()
        await supervisor.start()
        control = Control(supervisor)
        await control.open()
        status = await asked(stage, command="status")
        assert isinstance(status, dict)
        assert status["url"] == supervisor.url
        assert [unit["unit"] for unit in status["units"]] == [
            "egg-agent.service",
            "egg-worker@1.service",
        ]
        said: list[str] = []
        await asked(stage, said, command="scale", workers=2)
        await asked(stage, said, command="reload")
        await asked(stage, said, command="restart")
        assert "workers ready: 2" in said
        assert "reloaded" in said
        stage.ways("worker-0", "fail")
        said.clear()
        with pytest.raises(ReportedError, match="does not start: no such thing"):
            await asked(stage, said, command="reload")
        assert [line for line in said if "no such thing" in line] == []
        await asked(stage, command="stop", timeout=5)
        await supervisor.closed
        await control.close()
        assert FILE not in os.listdir(stage.home / "run")

    play(scene)


def test_a_stop_may_be_given_less_time() -> None:
    # process:CL-82

    async def scene(stage: Stage) -> None:
        for name in ("worker-1", "agent"):
            stage.ways(name, "stubborn")
        supervisor = stage.supervisor()
        await supervisor.start()
        control = Control(supervisor)
        await control.open()
        await asked(stage, command="stop", timeout=0.1)
        await control.close()
        said = stage.lines.of("egg-master")
        assert "egg-worker@1.service: not stopped after 0.1 s, killed by SIGKILL" in said

    play(scene)


def test_the_socket_is_its_users_alone() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            control = Control(supervisor)
            await control.open()
            mode = os.stat(stage.home / "run" / FILE).st_mode
            assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)
            await control.close()

    play(scene)


REFUSED = {
    b"": "a request is a line",
    b"nonsense\n": "a request is a line",
    b"[]\n": "a request is a line",
    b'{"command": 5}\n': "a request is a line",
    b'{"command": "format"}\n': "control.sock: 'format': unknown command",
    b'{"command": "scale"}\n': "must be from 1 to 999, not 0",
    b'{"command": "scale", "workers": "4"}\n': "workers must be a number, not '4'",
    b'{"command": "scale", "workers": true}\n': "workers must be a number, not True",
    b'{"command": "scale", "workers": 1.5}\n': "workers must be a whole number, not 1.5",
    b'{"command": "scale", "workers": 1e400}\n': "workers must be a number, not inf",
    b'{"command": "stop", "timeout": -1}\n': "timeout must be a number, not -1",
    b"\xff\xfe\n": "a request is a line",
    b"[" * 4000 + b"\n": "a request is a line",
    b"x" * 100_000 + b"\n": "no request of up to 4096 bytes came",
}


def test_whatever_else_comes_is_one_line_and_changes_nothing() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            control = Control(supervisor)
            await control.open()
            before = supervisor.report()
            for data, problem in REFUSED.items():
                (answer,) = await answered(stage, data)
                assert isinstance(answer, dict)
                assert problem in answer["error"], data[:40]
            assert supervisor.report() == before
            await control.close()

    play(scene)


def test_many_silent_connections_do_not_pile_up() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            control = Control(supervisor)
            await control.open()
            path = str(stage.home / "run" / FILE)
            silent = [await asyncio.open_unix_connection(path) for _ in range(MOST + 1)]
            assert await silent[-1][0].read() == b""
            for _, writer in silent:
                writer.close()
            await control.close()

    play(scene)


def test_a_suite_that_is_not_there_is_one_line() -> None:
    async def scene(stage: Stage) -> None:
        with pytest.raises(ControlError, match="is this suite running, and yours"):
            await asked(stage, command="status")
        os.mkdir(stage.home / "run")
        with socket.socket(socket.AF_UNIX) as mute:
            mute.bind(str(stage.home / "run" / FILE))
            mute.listen()
            asking = asyncio.ensure_future(asked(stage, command="status"))
            conn, _ = await asyncio.to_thread(mute.accept)
            await asyncio.to_thread(conn.recv, 99)
            conn.close()
            with pytest.raises(ControlError, match="disconnected without an answer"):
                await asking

    play(scene)


HOSTILE = [
    (b"[1]\n", "the answer is not a JSON object"),
    (b'"say"\n', "the answer is not a JSON object"),
    (b"[" * 100_000 + b"\n", "the answer is not a JSON object"),
    (b"\xff\n", "utf-8"),
    (b"", "disconnected without an answer"),
    (b'{"say": "x"}\n' * (MOST_LINES + 1), f"sent more than {MOST_LINES} lines"),
]


@pytest.mark.parametrize(("data", "problem"), HOSTILE)
def test_a_supervisor_that_is_none_of_ours_is_one_error(
    tmp_path: Path, data: bytes, problem: str
) -> None:
    """Root sends a command to another user's suite: the command ends with any answer."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / FILE))
        listener.listen()

        def play() -> None:
            peer = listener.accept()[0]
            with peer, contextlib.suppress(OSError):
                peer.recv(4096)
                peer.sendall(data)

        thread = threading.Thread(target=play)
        thread.start()
        with pytest.raises(ControlError, match=problem):
            ask(tmp_path, {"command": "status"}, lambda text: None)
        thread.join()
