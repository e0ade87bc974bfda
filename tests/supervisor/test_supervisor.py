"""The suite as a whole: order, all or nothing, scale, reload, shutdown."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from eggd.errors import ArgumentError, BootError
from tests.house.imports import ROOT
from tests.program import Program
from tests.supervisor.suite import Stage, alive, gone, play, stage

pytestmark = pytest.mark.slow

AGENT = "egg-agent.service"


def worker(slot: int) -> str:
    return f"egg-worker@{slot}.service"


def test_the_agent_is_ready_before_workers_start_and_they_start_together() -> None:
    # process:CL-20

    async def scene(stage: Stage) -> None:
        stage.change(workers=3)
        async with stage.supervisor() as supervisor:
            said = stage.lines.of("egg-master")
            assert said[:3] == [
                "starting the agent",
                f"{AGENT}: ready",
                "starting the workers",
            ]
            assert said[-1] == "workers ready: 3"
            assert supervisor.enabled == [1, 2, 3]
            assert supervisor.service(worker(2)).status == "serving → all"

    play(scene)


def test_an_agent_that_fails_is_the_end_and_no_worker_runs() -> None:
    # process:CL-50

    async def scene(stage: Stage) -> None:
        stage.ways("agent", "fail")
        with pytest.raises(BootError) as caught:
            await stage.supervisor().start()
        assert caught.value.line == (
            "not started, and nothing is left running: egg-agent: no such thing"
        )
        assert stage.lines.of("egg-worker@1") == []

    play(scene)


def test_one_worker_that_fails_is_the_end_of_all_and_of_the_sockets() -> None:
    # process:CL-51

    async def scene(stage: Stage) -> None:
        stage.change(workers=3)
        for slot in (2, 3):
            stage.ways(f"worker-{slot}", "fail")
        supervisor = stage.supervisor()
        with pytest.raises(BootError) as caught:
            await supervisor.start()
        assert caught.value.line.endswith(": egg-worker@2, egg-worker@3: no such thing")
        assert supervisor.url == ""
        assert not list((stage.home / "run").glob("*.sock"))
        assert supervisor.report() == []

    play(scene)


def test_a_start_fails_with_its_first_failure_and_starts_nothing_twice() -> None:
    """One worker fails at once; the other would boot for ever."""

    async def scene(stage: Stage) -> None:
        stage.units("egg-worker@.service", "RestartSec=1", "RestartSec=1ms")
        stage.change(workers=2)
        stage.ways("worker-1", "fail")
        stage.ways("worker-2", "wait")
        os.mkfifo(stage.home / "gate")
        with pytest.raises(BootError) as caught:
            await stage.supervisor().start()
        assert caught.value.line.endswith(": egg-worker@1: no such thing")
        for slot in (1, 2):
            assert stage.lines.of(f"egg-worker@{slot}").count("<6>up") == 1

    play(scene)


def test_a_stop_during_the_start_fails_no_process() -> None:
    # process:CL-57

    async def scene(stage: Stage) -> None:
        stage.ways("agent", "wait", "extend")
        os.mkfifo(stage.home / "gate")
        supervisor = stage.supervisor()
        starting = asyncio.ensure_future(supervisor.start())
        opened = await asyncio.to_thread(os.open, stage.home / "gate", os.O_WRONLY)
        await supervisor.stop()
        with pytest.raises(BootError, match="stopped meanwhile"):
            await starting
        os.close(opened)
        assert not [text for text in stage.lines.of("egg-master") if "again" in text]

    play(scene)


def test_a_stop_during_a_reload_waits_until_every_process_is_down() -> None:
    """The spare, too; it is in the middle of its boot."""

    async def scene(stage: Stage) -> None:
        stage.ways("worker-0", "wait")
        os.mkfifo(stage.home / "gate")
        supervisor = stage.supervisor()
        await supervisor.start()
        reloading = asyncio.ensure_future(supervisor.reload())
        opened = await asyncio.to_thread(os.open, stage.home / "gate", os.O_WRONLY)
        pids = [supervisor.service(unit).pid for unit in (AGENT, worker(0), worker(1))]
        assert all(map(alive, pids))
        with pytest.raises(BootError, match="another reload is running"):
            await supervisor.restart()
        await supervisor.stop()
        assert not any(map(alive, pids))
        with pytest.raises(BootError, match="stopped meanwhile"):
            await reloading
        with pytest.raises(BootError, match="another stop is running"):
            await supervisor.reload()
        os.close(opened)

    play(scene)


def test_workers_are_gone_before_the_agent_is_asked_to_stop() -> None:
    # process:CL-81

    async def scene(stage: Stage) -> None:
        stage.change(workers=2)
        supervisor = stage.supervisor()
        await supervisor.start()
        await supervisor.stop()
        said = stage.lines.of("egg-master")
        end = said.index("stopping the agent")
        for slot in (1, 2):
            assert said.index(f"{worker(slot)}: exited with 0") < end
        assert said[-1] == f"{AGENT}: exited with 0"

    play(scene)


def test_after_a_stop_the_port_can_be_bound_at_once() -> None:
    # process:SCR-25

    async def scene(stage: Stage) -> None:
        supervisor = stage.supervisor()
        await supervisor.start()
        port = int(supervisor.url.rpartition(":")[2])
        await supervisor.stop()
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", port))

    play(scene)


def test_a_dead_agent_comes_back_and_its_inbox_waits() -> None:
    # process:CL-60, CL-61

    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            agent, kept = supervisor.service(AGENT), supervisor.service(worker(1)).pid
            os.kill(agent.pid, signal.SIGKILL)
            await supervisor.wait_until(lambda: agent.deaths == 1)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.sendto(b"waits", str(stage.home / "run" / "agent.sock"))
            await supervisor.wait_until(lambda: agent.ready)
            assert supervisor.service(worker(1)).pid == kept

    play(scene)


def test_scale_starts_the_new_before_others_stop() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            await supervisor.scale(3)
            assert supervisor.enabled == [1, 2, 3]
            assert all(supervisor.service(worker(slot)).ready for slot in (1, 2, 3))
            await supervisor.scale(1)
            assert supervisor.enabled == [1]
            assert [supervisor.service(worker(slot)).state for slot in (2, 3)] == ["inactive"] * 2

    play(scene)


def test_a_scale_that_fails_changes_nothing() -> None:
    async def scene(stage: Stage) -> None:
        stage.ways("worker-3", "fail")
        async with stage.supervisor() as supervisor:
            kept = supervisor.service(worker(1)).pid
            with pytest.raises(BootError, match=r"egg-worker@3: no such thing \(nothing was"):
                await supervisor.scale(3)
            assert supervisor.enabled == [1]
            assert supervisor.service(worker(1)).pid == kept
            assert supervisor.service(worker(2)).state == "inactive"
            with pytest.raises(ArgumentError, match="must be from 1 to 999, not 0"):
                await supervisor.scale(0)

    play(scene)


def test_a_reload_renews_each_worker_and_never_has_fewer_ready() -> None:
    async def scene(stage: Stage) -> None:
        stage.change(workers=2)
        async with stage.supervisor() as supervisor:
            before = [supervisor.service(worker(slot)).pid for slot in (1, 2)]
            agent = supervisor.service(AGENT).pid
            await supervisor.reload()
            after = [supervisor.service(worker(slot)).pid for slot in (1, 2)]
            assert set(before).isdisjoint({0, *after})
            assert supervisor.service(AGENT).pid == agent
            assert supervisor.service(worker(0)).state == "inactive"
            assert least_ready(stage.lines.of("egg-master"), 2) == 2

    play(scene)


def least_ready(lines: list[str], workers: int) -> int:
    """The smallest number of workers that were ready at once after all first were."""
    ready = counts = 0
    least = workers
    for line in lines:
        if line.startswith("egg-worker@"):
            ready += line.endswith(": ready") - line.endswith(": exited with 0")
            counts = max(counts, ready)
            least = min(least, ready) if counts >= workers else least
    return least


def test_code_that_does_not_start_leaves_the_workers_running() -> None:
    async def scene(stage: Stage) -> None:
        stage.ways("worker-0", "fail")
        async with stage.supervisor() as supervisor:
            kept = supervisor.service(worker(1)).pid
            with pytest.raises(BootError) as caught:
                await supervisor.reload()
            assert caught.value.line == (
                "the new code does not start: no such thing (no worker was touched)"
            )
            assert supervisor.service(worker(1)).pid == kept
            assert supervisor.service(worker(0)).state == "inactive"

    play(scene)


def test_when_a_worker_fails_in_mid_roll_the_spare_stays_and_the_next_reload_repairs() -> None:
    async def scene(stage: Stage) -> None:
        stage.change(workers=2)
        async with stage.supervisor() as supervisor:
            stage.ways("worker-2", "fail")
            with pytest.raises(BootError, match=r"egg-worker@2.* 1 of 2 workers are new"):
                await supervisor.reload()
            spare = supervisor.service(worker(0))
            assert spare.ready
            stage.ways("worker-2")
            await supervisor.reload()
            assert spare.state == "inactive"
            assert supervisor.service(worker(2)).ready

    play(scene)


def test_a_spare_that_dies_after_it_was_ready_ends_the_reload() -> None:
    """A process that sent READY=1 may not be healthy."""

    async def scene(stage: Stage) -> None:
        stage.change(min_ready=10)
        stage.ways("worker-0", "dies")
        async with stage.supervisor() as supervisor:
            kept = supervisor.service(worker(1)).pid
            with pytest.raises(BootError) as caught:
                await supervisor.reload()
            assert caught.value.line == (
                "the new code does not stay ready: exited with 5: cannot go on"
                " (no worker was touched)"
            )
            assert supervisor.service(worker(1)).pid == kept
            assert supervisor.service(worker(0)).state == "inactive"

    play(scene)


def test_a_worker_that_dies_after_it_was_ready_ends_the_reload() -> None:
    async def scene(stage: Stage) -> None:
        stage.change(workers=2, min_ready=2)
        async with stage.supervisor() as supervisor:
            kept = supervisor.service(worker(2)).pid
            stage.ways("worker-1", "dies")
            with pytest.raises(BootError) as caught:
                await supervisor.reload()
            assert caught.value.message == (
                "egg-worker@1.service did not stay ready: exited with 5: cannot go on;"
                " 0 of 2 workers are new"
            )
            assert supervisor.service(worker(2)).pid == kept
            assert supervisor.service(worker(0)).ready

    play(scene)


def test_a_spare_that_dies_in_mid_roll_ends_it() -> None:
    async def scene(stage: Stage) -> None:
        stage.change(workers=2)
        async with stage.supervisor() as supervisor:
            kept = supervisor.service(worker(2)).pid
            stage.ways("worker-1", "wait")
            os.mkfifo(stage.home / "gate")
            reloading = asyncio.ensure_future(supervisor.reload())
            opened = await asyncio.to_thread(os.open, stage.home / "gate", os.O_WRONLY)
            os.kill(supervisor.service(worker(0)).pid, signal.SIGKILL)
            await supervisor.wait_until(lambda: not supervisor.service(worker(0)).ready)
            os.close(opened)
            with pytest.raises(BootError) as caught:
                await reloading
            assert caught.value.message == (
                "egg-worker@0.service did not stay ready: killed by SIGKILL; 0 of 2 workers are new"
            )
            assert supervisor.service(worker(2)).pid == kept

    play(scene)


def test_only_one_thing_is_done_at_a_time() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            first = asyncio.ensure_future(supervisor.reload())
            await asyncio.sleep(0)
            with pytest.raises(BootError, match="another reload is running"):
                await supervisor.reload()
            with pytest.raises(BootError, match="another reload is running"):
                await supervisor.scale(2)
            await first

    play(scene)


def test_a_restart_keeps_the_listener() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            url, before = supervisor.url, supervisor.service(worker(1)).pid
            await supervisor.restart()
            assert supervisor.url == url
            assert supervisor.service(worker(1)).pid != before
            stage.ways("agent", "fail")
            with pytest.raises(BootError, match="nothing is left running"):
                await supervisor.restart()
            await supervisor.closed

    play(scene)


KILLED = """
import asyncio, os, sys
from pathlib import Path
from tests.supervisor.suite import Stage

async def main():
    stage = Stage(Path(sys.argv[1]))
    stage.ways("worker-1", "family", "stubborn")
    supervisor = stage.supervisor()
    await supervisor.start()
    if sys.argv[2:]:
        (guard,) = supervisor.pids - {each["pid"] for each in supervisor.report()}
        os.kill(guard, 9)
        await supervisor.wait_until(lambda: "killed, and is replaced" in supervisor.operation)
    lines = stage.lines.of("egg-worker@1")
    family = [line.split()[1] for line in lines if line.startswith("child ")]
    pids = [supervisor.service(f"egg-{name}.service").pid for name in ("agent", "worker@1")]
    print(*pids, *family, flush=True)
    await supervisor.closed

asyncio.run(main())
"""


def test_a_killed_supervisor_leaves_no_orphans() -> None:
    """Not even what ignores SIGTERM, nor what it started (process:CL-87)."""
    with stage() as here:
        command = [sys.executable, "-c", KILLED, str(here.home)]
        with Program(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            pids = [int(word) for word in process.stdout.readline().split()]
            assert len(pids) == 4
            process.kill()
        asyncio.run(asyncio.wait_for(all_gone(pids), 50))
        assert not any(map(alive, pids))


async def all_gone(pids: list[int]) -> None:
    for pid in pids:
        await gone(pid)


def test_a_killed_guard_is_replaced_and_knows_all_processes() -> None:
    # process:CL-87
    with stage() as here:
        command = [sys.executable, "-c", KILLED, str(here.home), "guard"]
        with Program(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            pids = [int(word) for word in process.stdout.readline().split()]
            process.kill()
        asyncio.run(asyncio.wait_for(all_gone(pids), 50))
        assert not any(map(alive, pids))


def test_a_guard_that_does_not_run_does_not_hold_up_a_stop() -> None:
    async def scene(stage: Stage) -> None:
        supervisor = stage.supervisor()
        await supervisor.start()
        (guard,) = supervisor.pids - {supervisor.service(unit).pid for unit in (AGENT, worker(1))}
        os.kill(guard, signal.SIGSTOP)
        await supervisor.stop()
        assert not alive(guard)

    play(scene)


def test_a_stop_ends_whatever_was_removed_before() -> None:
    async def scene(stage: Stage) -> None:
        supervisor = stage.supervisor()
        await supervisor.start()
        pid = supervisor.service(worker(1)).pid
        shutil.rmtree(stage.settings.places.run)
        await supervisor.stop()
        await supervisor.closed
        assert not alive(pid)

    play(scene)


def test_nothing_is_left_behind() -> None:
    before = set(os.listdir("/proc/self/fd"))

    async def scene(stage: Stage) -> None:
        async with stage.supervisor():
            pass
        assert not [name for name in os.listdir(stage.home / "run") if name.endswith(".sock")]

    play(scene)
    assert set(os.listdir("/proc/self/fd")) == before


def test_a_folder_that_cannot_be_made_is_one_line() -> None:
    async def scene(stage: Stage) -> None:
        (stage.home / "run").write_text("")
        with pytest.raises(BootError, match="/run: cannot be made: "):
            await stage.supervisor().start()

    play(scene)
