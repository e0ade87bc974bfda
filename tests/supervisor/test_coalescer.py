"""New workers because the agent asked, as it does in env local when a file has changed."""

from __future__ import annotations

import asyncio
import os
import signal

from eggd.supervisor.supervisor import Supervisor
from tests.supervisor.suite import Stage, play

AGENT = "egg-agent.service"
WORKER = "egg-worker@1.service"
SPARE = "egg-worker@0.service"


def ask(supervisor: Supervisor) -> None:
    os.kill(supervisor.service(AGENT).pid, signal.SIGUSR2)


async def until_new(supervisor: Supervisor, old: int) -> None:
    worker, spare = supervisor.service(WORKER), supervisor.service(SPARE)
    await supervisor.wait_until(
        lambda: worker.ready and worker.pid != old and spare.state == "inactive"
    )


def test_the_agent_asks_and_the_workers_are_new() -> None:
    """The agent itself stays (core:DEV-2)."""

    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            agent, worker = (supervisor.service(unit).pid for unit in (AGENT, WORKER))
            ask(supervisor)
            await until_new(supervisor, worker)
            assert supervisor.service(AGENT).pid == agent

    play(scene)


def test_broken_code_is_reported_and_the_next_save_repairs_it() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            worker = supervisor.service(WORKER).pid
            stage.ways("worker-0", "fail")
            ask(supervisor)
            said = "the new code does not start: no such thing (no worker was touched)"
            await supervisor.wait_until(lambda: said in stage.lines.of("egg-master"))
            assert supervisor.service(WORKER).pid == worker
            stage.ways("worker-0")
            ask(supervisor)
            await until_new(supervisor, worker)

    play(scene)


def test_a_worker_that_is_down_is_started_anew_at_once() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            worker = supervisor.service(WORKER)
            stage.ways("worker-1", "fail")
            os.kill(worker.pid, signal.SIGKILL)
            await supervisor.wait_until(lambda: worker.state == "auto-restart")
            stage.ways("worker-1")
            ask(supervisor)
            await supervisor.wait_until(lambda: worker.ready)

    play(scene)


def test_requests_during_a_run_become_one_more_run() -> None:
    async def scene(stage: Stage) -> None:
        async with stage.supervisor() as supervisor:
            supervisor.reloads.request()
            task = supervisor.reloads._task
            assert task is not None
            await supervisor.wait_until(lambda: supervisor.service(SPARE).ready)
            for _ in range(3):
                supervisor.reloads.request()
            await asyncio.wait([task])
            assert stage.lines.of("egg-master").count("reloaded") == 2

    play(scene)
