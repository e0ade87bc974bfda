"""Files removed from a running suite's runtime directory are created again, and a line names
them."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from eggd.control.client import ask
from eggd.supervisor import runtime_files
from eggd.supervisor.control import Control
from eggd.supervisor.inotify import Inotify
from eggd.supervisor.pidfile import PidFile, running
from eggd.supervisor.runtime_files import RuntimeFiles
from eggd.supervisor.supervisor import Supervisor
from tests.supervisor.suite import Stage, play

pytestmark = pytest.mark.slow

AGENT, FIRST = "egg-agent.service", "egg-worker@1.service"


@asynccontextmanager
async def kept(stage: Stage) -> AsyncIterator[Supervisor]:
    """A running suite whose runtime directory is watched."""
    run = stage.settings.places.run
    pidfile = PidFile(run)
    pidfile.lock()
    pidfile.write("shop", stage.home)
    supervisor = stage.supervisor()
    control = Control(supervisor)
    await control.open()
    watch = RuntimeFiles(supervisor, run, pidfile, control)
    try:
        async with supervisor:
            yield supervisor
            await watch.close()
    finally:
        await control.close()
        pidfile.close()


async def heard(stage: Stage, supervisor: Supervisor, text: str) -> None:
    """Waits until the supervisor has logged this."""
    await supervisor.wait_until(lambda: any(text in line for line in stage.lines.of("egg-master")))


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("eggd.pid", "the pid file"),
        ("eggd.lock", "the pid file"),
        ("control.sock", "the control socket"),
        ("notify.sock", "the notify socket"),
        ("egg-master.service.wants/egg-worker@1.service", "the list of enabled workers"),
    ],
)
def test_one_file_is_made_again_and_no_process_is_touched(file: str, name: str) -> None:
    async def scene(stage: Stage) -> None:
        run = stage.settings.places.run
        async with kept(stage) as supervisor:
            before = [supervisor.service(unit).pid for unit in (AGENT, FIRST)]
            (run / file).unlink()
            await heard(stage, supervisor, f"{run}: removed and created again: {name}")
            suite = running(run)
            assert suite is not None
            answer = await asyncio.to_thread(ask, run, {"command": "status"}, lambda text: None)
            assert isinstance(answer, dict)
            assert [unit["pid"] for unit in answer["units"]] == before
            await supervisor.service(FIRST).restart()
            assert [link.name for link in (run / "egg-master.service.wants").iterdir()] == [FIRST]

    play(scene)


@pytest.mark.parametrize("replaced", [False, True])
def test_a_lost_inbox_gets_a_new_agent(replaced: bool) -> None:
    """Another socket at its path counts as removed."""

    async def scene(stage: Stage) -> None:
        path = stage.settings.places.run / "agent.sock"
        async with kept(stage) as supervisor:
            agent, worker = supervisor.service(AGENT).pid, supervisor.service(FIRST).pid
            path.unlink()
            if replaced:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
                    other.bind(str(path))
            await heard(stage, supervisor, "created again: egg-agent.socket")
            await supervisor.wait_until(lambda: supervisor.service(AGENT).pid not in (0, agent))
            await supervisor.wait_until(lambda: supervisor.service(AGENT).ready)
            assert supervisor.service(FIRST).pid == worker
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.sendto(b"arrives", str(path))

    play(scene)


def test_after_the_loss_of_the_directory_every_process_is_new() -> None:
    async def scene(stage: Stage) -> None:
        run = stage.settings.places.run
        async with kept(stage) as supervisor:
            before = {supervisor.service(unit).pid for unit in (AGENT, FIRST)}
            shutil.rmtree(run)
            await heard(stage, supervisor, "reloaded")
            after = {supervisor.service(unit).pid for unit in (AGENT, FIRST)}
            assert before.isdisjoint({0, *after})
            suite = running(run)
            assert suite is not None
            assert suite.given == stage.home

    play(scene)


def test_a_directory_removed_during_the_start_is_created_again() -> None:
    async def scene(stage: Stage) -> None:
        stage.ways("worker-1", "wait")
        os.mkfifo(stage.home / "gate")
        run = stage.settings.places.run

        def remove() -> None:
            with open(stage.home / "gate", "w"):
                stage.ways("worker-1")
                shutil.rmtree(run)

        removing = asyncio.ensure_future(asyncio.to_thread(remove))
        async with kept(stage) as supervisor:
            await removing
            await heard(stage, supervisor, "reloaded")
            assert supervisor.service(FIRST).ready
            assert running(run) is not None

    play(scene)


def test_a_listener_that_is_a_file_is_made_again() -> None:
    async def scene(stage: Stage) -> None:
        path = stage.home / "shop.sock"
        stage.change(listen=str(path))
        async with kept(stage) as supervisor:
            path.unlink()
            await heard(stage, supervisor, "created again: egg.socket")
            await heard(stage, supervisor, "reloaded")
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))

    play(scene)


def test_a_file_that_cannot_be_created_is_reported_once_and_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime_files, "RETRY", 0.01)

    async def scene(stage: Stage) -> None:
        run = stage.settings.places.run
        async with kept(stage) as supervisor:
            (run / "notify.sock").rename(run / "away")
            (run / "notify.sock").mkdir()
            await heard(stage, supervisor, "the notify socket was removed and cannot be created: ")
            (run / "notify.sock").rmdir()
            await heard(stage, supervisor, "created again: the notify socket")
            said = [line for line in stage.lines.of("egg-master") if "cannot be created" in line]
            assert len(said) == 1

    play(scene)


def test_a_stop_makes_nothing_again() -> None:
    async def scene(stage: Stage) -> None:
        async with kept(stage) as supervisor:
            shutil.rmtree(stage.settings.places.run)
            await supervisor.stop()
        assert not stage.settings.places.run.exists()

    play(scene)


def test_without_inotify_the_suite_runs_and_warns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Refused(Inotify):
        def __init__(self, changed: object) -> None:
            raise OSError(24, "Too many open files")

    monkeypatch.setattr(runtime_files, "Inotify", Refused)

    async def scene(stage: Stage) -> None:
        async with kept(stage) as supervisor:
            await heard(stage, supervisor, f"{stage.settings.places.run} is not watched: Too many")

    play(scene)


def test_events_of_other_files_wake_no_process(tmp_path: Path) -> None:
    async def scene() -> None:
        seen: list[bool] = []
        (tmp_path / "a").write_text("")
        watch = Inotify(lambda: seen.append(True))
        watch.watch([tmp_path, tmp_path / "a", tmp_path / "missing"])
        (tmp_path / "b").write_text("")
        (tmp_path / "b").rename(tmp_path / "c")
        (tmp_path / "c").unlink()
        (tmp_path / "d").mkdir()
        watch.watch([tmp_path / "a"])
        watch._read()
        assert seen == []
        (tmp_path / "a").unlink()
        watch._read()
        assert seen == [True]
        watch.close()

    asyncio.run(scene())
