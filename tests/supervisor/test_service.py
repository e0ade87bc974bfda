"""One unit's life with processes of a few lines: what systemd would do is done."""

import asyncio
import os
import resource
import signal

import pytest

from eggd.errors import BootError
from tests.supervisor.suite import Stage, alive, gone, play

pytestmark = pytest.mark.slow

AGENT, FIRST = "egg-agent.service", "egg-worker@1.service"


def test_a_process_gets_sockets_and_environment() -> None:
    """The caller's environment is inherited (process:SCR-4)."""

    async def scene(stage: Stage) -> None:
        stage.ways("worker-1", "environ")
        stage.change(env="local", environ={"MORE": "1"})
        async with stage.supervisor() as supervisor:
            pid = supervisor.service(FIRST).pid
            said = stage.lines.of("egg-worker@1")
            for line in (
                f"LISTEN_PID={pid}",
                "LISTEN_FDS=1",
                "LISTEN_FDNAMES=http",
                "WATCHDOG_USEC=10000000",
                f"RUNTIME_DIRECTORY={stage.home}/run",
                f"LOGS_DIRECTORY={stage.home}/logs",
                f"EGG_BASE_DIR={stage.home}",
                "EGG_SERVER_ENV=local",
                "MORE=1",
                f"PATH={os.environ['PATH']}",
            ):
                assert line in said
            assert not [line for line in said if line.startswith("EGG_DEFAULTS=")]
            assert "blocking False, mask 0027" in said[-1]

    play(scene)


def test_the_listener_is_made_non_blocking_at_every_start() -> None:
    async def scene(stage: Stage) -> None:
        stage.ways("worker-1", "unblock", "environ")
        async with stage.supervisor() as supervisor:
            await supervisor.service(FIRST).restart()
            assert len([x for x in stage.lines.of("egg-worker@1") if "blocking False" in x]) == 2

    play(scene)


def test_status_and_readiness_are_heard_from_the_main_process_alone() -> None:
    async def scene(stage: Stage) -> None:
        stage.ways("worker-1", "family", "mute", "wait")
        os.mkfifo(stage.home / "gate")
        async with asyncio.timeout(40):
            starting = asyncio.ensure_future(stage.supervisor().start())
            opened = await asyncio.to_thread(os.open, stage.home / "gate", os.O_WRONLY)
            # The child of the worker has said READY=1 before; that changes nothing.
            assert not starting.done()
            starting.cancel()
            await asyncio.wait([starting])
            os.close(opened)

    play(scene)


def test_a_dead_worker_restarts_after_a_second_and_the_others_run_on() -> None:
    """The same in every environment (process:CL-62, CL-70, CL-72, CL-74)."""

    async def scene(stage: Stage) -> None:
        stage.change(workers=2, env="local")
        async with stage.supervisor() as supervisor:
            first, other = supervisor.service(FIRST), supervisor.service("egg-worker@2.service")
            before, kept = first.pid, other.pid
            os.kill(before, signal.SIGKILL)
            await supervisor.wait_until(lambda: first.deaths == 1 and first.ready)
            assert first.pid != before
            assert other.pid == kept
            said = stage.lines.of("egg-master")
            assert f"{FIRST}: killed by SIGKILL" in said

    play(scene)


def test_a_replacement_that_fails_is_tried_again_without_end() -> None:
    """Capacity never shrinks for good, and in silence (process:CL-75)."""

    async def scene(stage: Stage) -> None:
        stage.units("egg-worker@.service", "RestartSec=1", "RestartSec=10ms")
        async with stage.supervisor() as supervisor:
            worker = supervisor.service(FIRST)
            stage.ways("worker-1", "fail")
            os.kill(worker.pid, signal.SIGUSR1)
            await supervisor.wait_until(lambda: worker.deaths >= 5)
            assert worker.reason == "no such thing"
            stage.ways("worker-1")
            await supervisor.wait_until(lambda: worker.ready)

    play(scene)


def test_a_status_that_is_marked_as_the_reason_is_the_reason() -> None:
    """Even if the process logs other errors."""

    async def scene(stage: Stage) -> None:
        stage.ways("worker-1", "explain")
        with pytest.raises(BootError, match=r"egg-worker@1: no database$"):
            await stage.supervisor().start()

    play(scene)


def test_an_agent_that_cannot_be_spawned_is_retried_and_the_workers_run_on() -> None:
    # process:CL-56, CL-64

    async def scene(stage: Stage) -> None:
        stage.units("egg-agent.service", "RestartSec=1", "RestartSec=10ms")
        async with stage.supervisor() as supervisor:
            agent, kept = supervisor.service(AGENT), supervisor.service(FIRST).pid
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                os.kill(agent.pid, signal.SIGKILL)
                await supervisor.wait_until(lambda: agent.deaths >= 3)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert "cannot be started: Too many open files" in agent.reason
            await supervisor.wait_until(lambda: agent.ready)
            assert supervisor.service(FIRST).pid == kept

    play(scene)


def test_a_hung_process_is_aborted_and_replaced() -> None:
    async def scene(stage: Stage) -> None:
        stage.units("egg-worker@.service", "WatchdogSec=10", "WatchdogSec=200ms")
        async with stage.supervisor() as supervisor:
            worker = supervisor.service(FIRST)
            await supervisor.wait_until(lambda: worker.deaths == 1)
            said = stage.lines.of("egg-master")
            assert f"{FIRST}: no sign of life for 0.2 s, killed by SIGABRT" in said

    play(scene)


def test_a_start_has_the_time_of_its_unit_and_what_it_asks_for() -> None:
    async def scene(stage: Stage) -> None:
        stage.units("egg-agent.service", "TimeoutStartSec=5", "TimeoutStartSec=50ms")
        stage.ways("agent", "mute", "stubborn")
        stage.units("egg-agent.service", "TimeoutStopSec=40", "TimeoutStopSec=50ms")
        with pytest.raises(BootError) as caught:
            await stage.supervisor().start()
        assert "not ready after 0.05 s, killed by SIG" in caught.value.line

    play(scene)


def test_a_process_may_ask_for_more_time() -> None:
    async def scene(stage: Stage) -> None:
        stage.units("egg-agent.service", "TimeoutStartSec=5", "TimeoutStartSec=5")
        stage.ways("agent", "extend", "wait")
        os.mkfifo(stage.home / "gate")
        supervisor = stage.supervisor()
        starting = asyncio.ensure_future(supervisor.start())
        opened = await asyncio.to_thread(os.open, stage.home / "gate", os.O_WRONLY)
        agent = supervisor.service(AGENT)
        assert agent.deadline > 50
        os.close(opened)
        await starting
        await supervisor.stop()

    play(scene)


def test_a_process_that_does_not_stop_is_killed_with_its_children() -> None:
    """Also a grandchild in a session of its own (process:CL-83, CL-86)."""

    async def scene(stage: Stage) -> None:
        stage.change(stop_timeout=0.1)
        for name in ("worker-1", "agent"):
            stage.ways(name, "stubborn", "family")
        supervisor = stage.supervisor()
        await supervisor.start()
        lines = stage.lines.of("egg-worker@1") + stage.lines.of("egg-agent")
        family = [int(line.split()[1]) for line in lines if line.startswith("child ")]
        assert len(family) == 4
        await supervisor.stop()
        for pid in family:
            await gone(pid)
        said = stage.lines.of("egg-master")
        for unit in (FIRST, AGENT):
            assert f"{unit}: not stopped after 0.1 s, killed by SIGKILL" in said

    play(scene)


def test_children_of_a_dead_worker_are_killed() -> None:
    async def scene(stage: Stage) -> None:
        stage.ways("worker-1", "family")
        async with stage.supervisor() as supervisor:
            worker = supervisor.service(FIRST)
            lines = stage.lines.of("egg-worker@1")
            family = [int(line.split()[1]) for line in lines if line.startswith("child ")]
            os.kill(worker.pid, signal.SIGKILL)
            for pid in family:
                await gone(pid)
            assert not any(map(alive, family))

    play(scene)


def test_a_program_that_is_not_there_is_one_line() -> None:
    async def scene(stage: Stage) -> None:
        stage.change(command={"egg-agent.service": ("/nowhere/python",)})
        with pytest.raises(BootError) as caught:
            await stage.supervisor().start()
        assert "/nowhere/python: not found" in caught.value.line

    play(scene)


def test_a_start_after_a_death_does_not_wait_for_its_turn() -> None:
    async def scene(stage: Stage) -> None:
        stage.units("egg-worker@.service", "RestartSec=1", "RestartSec=1h")
        async with stage.supervisor() as supervisor:
            worker = supervisor.service(FIRST)
            os.kill(worker.pid, signal.SIGKILL)
            await supervisor.wait_until(lambda: worker.deaths == 1)
            assert worker.state == "auto-restart"
            await worker.start()
            assert worker.ready

    play(scene)
