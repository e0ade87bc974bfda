"""Scenes that systemd and the supervisor play with the same results: each is a test on both."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event
from time import monotonic

import pytest

from tests.scenarios.app import APP, BROKEN, HUNG, NOTHING, SHARED, WATCHED
from tests.scenarios.stage import (
    AGENT,
    Stage,
    ask,
    await_event,
    body,
    events,
    read,
    refuses,
    send,
    worker,
)


def test_start_order(stage: Stage) -> None:
    """The agent is ready before any worker runs code of the app (process:CL-20, CL-25)."""
    assert stage.start(2).ok
    await_event(stage, "application all ready", 2)
    await_event(stage, "agent all ready")
    noted = events(stage)
    assert noted.index("agent ready") < noted.index("application begins")
    assert noted.index("application all ready") > max(
        at for at, line in enumerate(noted) if line == "application ready"
    )
    assert set(stage.pids()) == {AGENT, worker(1), worker(2)}


def test_failure_at_first_boot(stage: Stage) -> None:
    """Whoever cannot boot, the start fails as a whole (process:CL-51)."""
    stage.write(BROKEN)
    outcome = stage.start(2)
    assert not outcome.ok
    assert f"{NOTHING}{worker(1)}, {worker(2)}: " in outcome.text
    assert "app/router.py:1" in outcome.text
    assert stage.pids() == {}
    assert refuses(stage)


def test_failure_of_the_agent(stage: Stage) -> None:
    """No worker runs user code (process:CL-50)."""
    stage.write({"agent.py": "1 / 0\n"})
    outcome = stage.start(1)
    assert not outcome.ok
    assert f"{NOTHING}{AGENT}: " in outcome.text
    assert "agent.py:1" in outcome.text
    assert stage.pids() == {}
    assert not (stage.log_dir / "events").exists()


def test_agent_killed(stage: Stage) -> None:
    """The agent comes back, workers serve on (process:CL-61, CL-62, CL-63)."""
    assert stage.start(2).ok
    before, place = stage.pids(), stage.mark()
    await_event(stage, "agent all ready")
    stage.kill(AGENT, signal.SIGKILL)
    assert int(body(ask(stage))) in before.values()
    stage.await_ready(AGENT, place)
    after = stage.pids()
    assert after.pop(AGENT) != before.pop(AGENT)
    assert after == before
    await_event(stage, "agent all ready", 2)


def test_shared_client(stage: Stage) -> None:
    """Each worker follows the client of the agent, and that of the next (process:CC-1, CC-11)."""
    stage.write(SHARED)
    assert stage.start(2).ok
    await_event(stage, f"pulse of {stage.pids()[AGENT]}", 2)
    place = stage.mark()
    stage.kill(AGENT, signal.SIGKILL)
    stage.await_ready(AGENT, place)
    await_event(stage, f"pulse of {stage.pids()[AGENT]}", 2)


def test_jobs_and_watched_files(stage: Stage) -> None:
    """Workers run jobs and learn of changes, also of the next agent (process:SCH-20, WAT-11)."""
    stage.write(WATCHED)
    assert stage.start(2).ok
    await_event(stage, "once", 2)
    stage.write({"data/a": "1"})
    await_event(stage, "created a", 2)
    place = stage.mark()
    stage.kill(AGENT, signal.SIGKILL)
    stage.await_ready(AGENT, place)
    await_event(stage, "watched again", 2)
    await_event(stage, "beat", events(stage).count("beat") + 4)
    stage.write({"data/b": "1"})
    await_event(stage, "created b", 2)
    assert events(stage).count("once") == 2


def test_worker_killed(stage: Stage) -> None:
    """The worker is replaced, and no other process is touched (process:CL-70, CL-74)."""
    assert stage.start(2).ok
    before, place = stage.pids(), stage.mark()
    stage.kill(worker(2), signal.SIGKILL)
    stage.await_ready(worker(2), place)
    after = stage.pids()
    assert after.pop(worker(2)) != before.pop(worker(2))
    assert after == before


def test_hang(stage: Stage) -> None:
    """A hung loop is found by the watchdog, and its stack is logged."""
    assert stage.start(1).ok
    before, place = stage.pids(), stage.mark()
    with stage.connect() as sock:
        send(sock, "/hang")
        stage.await_ready(worker(1), place)
    assert "hang_here" in stage.said(worker(1), place)
    after = stage.pids()
    assert after.pop(worker(1)) != before.pop(worker(1))
    assert after == before


def test_hang_of_the_agent(stage: Stage) -> None:
    """The watchdog finds it, its stack is logged, and HTTP clients see nothing (process:CL-62)."""
    assert stage.start(2).ok
    await_event(stage, "agent all ready")
    before, place, done = stage.pids(), stage.mark(), Event()
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(lambda: [ask(stage) for _ in until(done, pause=0.05)])
        assert body(ask(stage, "/hang-agent")) == "sent"
        stage.await_ready(AGENT, place)
        done.set()
        answers = asking.result()
    assert all(answer.startswith("HTTP/1.1 200 ") for answer in answers)
    assert "hang_there" in stage.said(AGENT, place)
    after = stage.pids()
    assert after.pop(AGENT) != before.pop(AGENT)
    assert after == before


def test_hung_start_of_the_agent(stage: Stage) -> None:
    """A restarted worker does not wait for it longer than seconds (process:CL-28, CL-64)."""
    assert stage.start(1).ok
    await_event(stage, "agent all ready")
    stage.write(HUNG)
    place = stage.mark()
    stage.kill(AGENT, signal.SIGKILL)
    began = monotonic()
    stage.kill(worker(1), signal.SIGKILL)
    stage.await_ready(worker(1), place)
    assert monotonic() - began < 20  # 1 s for the restart, and 5 s for the agent
    assert body(ask(stage)) == str(stage.pids()[worker(1)])
    await_event(stage, "agent hangs")
    stage.write({"agent.py": APP["agent.py"]})
    stage.await_ready(AGENT, place)
    assert "agent.py" in stage.said(AGENT, place)


def test_drain(stage: Stage) -> None:
    """Requests in flight are answered; the agent ends last (process:CL-81, CL-85, CL-88)."""
    assert stage.start(1).ok
    os.mkfifo(stage.log_dir / "gate")
    os.chmod(stage.log_dir / "gate", 0o666)
    with stage.connect() as sock, ThreadPoolExecutor() as pool:
        send(sock, "/slow")
        await_event(stage, "slow")
        place = stage.mark()
        stopping = pool.submit(stage.command, "stop")
        stage.await_stopping(worker(1), place)
        answering = pool.submit(read, sock)
        with open(stage.log_dir / "gate", "w", encoding="ascii") as gate:
            gate.write("")
        answer = answering.result()
        assert stopping.result().ok
    assert body(answer) == "answered"
    noted = events(stage)
    for earlier in ("application closes", "agent heard goodbye"):
        assert noted.index(earlier) < noted.index("agent closes")
    assert stage.pids() == {}
    assert refuses(stage)


@pytest.mark.parametrize(
    "reloads", [1, pytest.param(40, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_reload(stage: Stage, reloads: int, figure: Callable[[str], None]) -> None:
    """New processes for every worker, the agent stays, no request fails, and no spare is left."""
    assert stage.start(2).ok
    before = stage.pids()
    done = Event()
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(lambda: [ask(stage) for _ in until(done)])
        outcomes = [stage.command("reload") for _ in range(reloads)]
        done.set()
        answers = asking.result()
    assert [outcome.text for outcome in outcomes if not outcome.ok] == []
    assert all(answer.startswith("HTTP/1.1 200 ") for answer in answers)
    after = stage.pids()
    assert after.pop(AGENT) == before.pop(AGENT)
    assert set(after) == {worker(1), worker(2)}
    assert set(after.values()).isdisjoint(before.values())
    figure(f"{reloads} reloads, {len(answers):,} requests without failure")


def until(done: Event, pause: float = 0.0) -> Iterator[None]:
    """Yields until something is done, at least once more after it; `pause` is in seconds."""
    for _ in count():
        yield
        if done.wait(pause):
            return


def test_reload_of_broken_code(stage: Stage) -> None:
    """The spare fails, and no worker is touched."""
    assert stage.start(1).ok
    before = stage.pids()
    stage.write(BROKEN)
    outcome = stage.command("reload")
    assert not outcome.ok
    assert "the new code does not start: " in outcome.text
    assert "app/router.py:1" in outcome.text
    assert "(no worker was touched)" in outcome.text
    assert stage.pids() == before
    assert int(body(ask(stage))) == before[worker(1)]


def test_scale(stage: Stage) -> None:
    """More workers, fewer workers, and the ones that stay are not touched."""
    assert stage.start(1).ok
    first = stage.pids()
    assert stage.command("scale", "3").ok
    more = stage.pids()
    assert set(more) == {AGENT, worker(1), worker(2), worker(3)}
    assert stage.command("scale", "1").ok
    assert stage.pids() == first
    stage.write(BROKEN)
    outcome = stage.command("scale", "2")
    assert not outcome.ok
    assert "app/router.py:1" in outcome.text
    assert stage.pids() == first
