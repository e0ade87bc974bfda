"""Deaths: of a worker under load, of the agent, by the watchdog, by an uncaught exception."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from eggd.cli.view import build
from eggd.testing.child import Child
from eggd.testing.make_app import make_app
from tests.cluster.clients import Client, Gate, Load
from tests.cluster.conftest import Start


def test_a_killed_worker_under_load_refuses_no_connection(start: Start) -> None:
    suite = start(workers=2)
    with Load(suite, clients=16) as load:
        load.wait_for_answers(20)
        suite.kill("worker-1")
        load.wait_for_answers(20)
        suite.restart("worker-1").wait_ready()
        load.wait_for_answers(20)
    assert load.refused == 0
    assert load.wrong == []
    assert max(load.broken) <= 1  # on a busy machine the other worker may have had all of them


def test_workers_outlive_their_agent(start: Start) -> None:
    suite = start(workers=2)
    pids = sorted(suite.worker(slot).pid for slot in (1, 2))
    for slot in (1, 2):
        suite.worker(slot).wait_line(f"pids [{suite.agent.pid}]")
    suite.kill("agent")
    for slot in (1, 2):
        suite.worker(slot).wait_line("pids []")
    agent = suite.restart("agent").wait_ready()
    agent.wait_line(f"pids {pids}")
    agent.wait_line("server_did_ready")
    for slot in (1, 2):
        suite.worker(slot).wait_line(f"pids [{agent.pid}]")
    assert pids == sorted(child.pid for child in suite.children if child is not agent)


def test_the_agent_sees_a_worker_go_and_come(start: Start) -> None:
    suite = start(workers=2)
    first, second = suite.worker(1).pid, suite.worker(2).pid
    suite.agent.wait_line(f"pids {sorted((first, second))}")
    suite.kill("worker-1")
    suite.agent.wait_line(f"pids [{second}]")
    third = suite.restart("worker-1").wait_ready().pid
    suite.agent.wait_line(f"pids {sorted((second, third))}")
    suite.worker(1).wait_line("server_did_ready")


def heard(agent: Child) -> list[int]:
    return [int(line.split()[1]) for line in agent.lines if line.startswith("got ")]


MANY = 8000
"""Messages: on a busy machine, too, the agent is killed before it has the last one."""


def test_messages_wait_for_the_next_agent(start: Start) -> None:
    suite = start()
    first = suite.agent
    with Client(suite) as client:
        client.send(f"/count?upto={MANY}")
        first.wait_line("got 100")
        suite.kill("agent")
        second = suite.restart("agent")
        assert client.receive().body == "counted"
    second.wait_line(f"got {MANY - 1}")
    lost = sorted(set(range(MANY)) - {*heard(first), *heard(second)})
    assert heard(first) + lost + heard(second) == list(range(MANY))
    assert len(lost) <= 1  # what it had in hand


def test_the_watchdog_is_fed_by_the_loop(start: Start) -> None:
    suite = start(WATCHDOG_USEC="200000")
    for child in suite.children:
        child.wait(lambda child: child.pings >= 3, "three pings")


def test_a_hung_loop_is_shown_by_sigabrt(start: Start, gate: Gate) -> None:
    suite = start()
    worker = suite.worker(1)
    with Client(suite) as client:
        client.send("/hang")
        gate.wait_for_request()
        assert suite.kill("worker-1", signal.SIGABRT) == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in worker.lines
    assert any("router.py" in line and "hang_here" in line for line in worker.lines)


def test_an_uncaught_exception_ends_a_worker_after_what_it_has(start: Start, gate: Gate) -> None:
    # process:CL-90
    suite = start()
    worker = suite.worker(1)
    with Client(suite) as waiting, Client(suite) as other:
        waiting.send("/slow")
        gate.wait_for_request()
        assert other.get("/boom").body == "lit"
        worker.wait(lambda child: child.stopping, "stop")
        gate.open("done")
        answer = waiting.receive()
        assert (answer.status, answer.body, answer.connection) == (200, "done", "close")
    assert worker.wait_exit() == 1
    assert worker.wait_line("RuntimeError: not caught").startswith("<3>")
    assert "RuntimeError: not caught" in (suite.logdir / "common-error.log").read_text()
    assert "before_close" in worker.lines


def test_an_uncaught_exception_on_the_ignore_list_ends_no_process(start: Start) -> None:
    # process:CL-91
    listed = "server_graceful_ignore_code = ['RuntimeError']\n"
    suite = start(files={"config/config_prod.py": listed})
    with Client(suite) as client:
        assert client.get("/boom").body == "lit"
        suite.worker(1).wait_line("RuntimeError matches ignore list, the process keeps running")
        assert client.get("/").body == str(suite.worker(1).pid)


def test_an_uncaught_exception_leaves_the_agent_alive(start: Start) -> None:
    """The agent counts exceptions of callbacks, tasks, handlers and timers (process:CL-93)."""
    agent = """
        import asyncio
        from eggd import Boot

        class AgentBoot(Boot):
            async def did_ready(self, error=None):
                asyncio.get_running_loop().call_soon(lambda: 1 / 0)
                asyncio.get_running_loop().create_task(self.fail("task"))
                self.app.run_in_background(lambda: self.fail("background"))
                self.app.timers.after(0, lambda: 1 / 0)
                self.app.messenger.on("count", lambda number: self.fail("handler"))
                self.app.messenger.on("count", self.still_here)

            def still_here(self, number):
                print("still here", flush=True)

            async def fail(self, name):
                raise ValueError(f"{name} password=hunter2")
    """
    suite = start(files={"agent.py": agent})
    with Client(suite) as client:
        assert client.get("/count?upto=1").body == "counted"
    suite.agent.wait_line("still here")
    for text in ("ZeroDivisionError", "task password", "background password", "handler password"):
        suite.agent.wait_line(text)
    suite.wait(lambda: build(suite.rundir, None)["agent"].get("errors") == 5, "five errors", 30)
    agent_view = build(suite.rundir, None)["agent"]
    assert agent_view["state"] == "ready"
    assert "hunter2" not in agent_view["last_error"]
    assert suite.stop("agent") == 0


WHILE_IT_BOOTS = """
    import asyncio
    from eggd import Boot

    class B(Boot):
        async def did_load(self):
            asyncio.get_running_loop().call_soon(lambda: 1 / 0)
            {}
"""


@pytest.mark.parametrize("then", ["return", "await asyncio.Event().wait()"])
@pytest.mark.parametrize("name", ["agent", "worker-1"])
def test_an_uncaught_exception_while_it_boots_fails_the_start(
    start: Start, tmp_path: Path, name: str, then: str
) -> None:
    """A half-started process must not serve; process:CL-93 applies to a ready one."""
    suite = start()
    file = "agent.py" if name == "agent" else "app.py"
    make_app(tmp_path / "shop", {file: WHILE_IT_BOOTS.format(then)})
    child = suite.restart(name)
    assert child.wait_exit() == 1
    reason = "uncaught while starting: ZeroDivisionError: division by zero"
    assert (child.ready, child.status, child.lines[-1]) == (False, reason, f"<3>{reason}")


def test_an_uncaught_exception_is_the_last_status_of_its_worker(start: Start) -> None:
    suite = start()
    with Client(suite) as client:
        assert client.get("/boom").body == "lit"
    assert suite.worker(1).wait_exit() == 1
    assert suite.worker(1).status == "uncaught RuntimeError: not caught"


def test_the_agent_says_once_that_the_suite_is_ready(start: Start) -> None:
    suite = start(workers=2)
    line = suite.agent.wait_line("the suite is ready: workers: ")
    assert line.endswith(f", http://127.0.0.1:{suite.port}")
    suite.restart("worker-1").wait_ready()
    suite.worker(1).wait_line("server_did_ready")
    lines = [line for child in suite.children for line in child.lines]
    assert len([line for line in lines if "the suite is ready" in line]) == 1
    assert not [line for line in lines if "eggd started on" in line]
