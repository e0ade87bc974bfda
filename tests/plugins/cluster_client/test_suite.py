"""Shared clients in real processes, which are killed meanwhile."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest

from eggd.testing.child import Child
from eggd.testing.make_app import make_app
from eggd.testing.suite import AGENT, Suite
from tests.plugins.cluster_client.board import files
from tests.polling import await_that

pytestmark = pytest.mark.xdist_group("cluster_client_suite")

WORKER = """
    import os
    import sys

    from eggd import Boot
    from lib.board import Board


    class AppBoot(Boot):
        async def did_load(self):
            self.app.board = self.app.cluster(Board).create()
            await self.app.board.ready()
            self.app.board.subscribe("a", self.show)

        def show(self, value):
            print("a is", value, file=sys.stderr, flush=True)

        async def will_ready(self):
            self.app.board.publish({"key": str(os.getpid()), "value": "here"})
"""
ROUTER = """
    import os
    import sys

    from eggd import OutboxFullError
    from eggd.plugins.cluster_client import ClusterClientError


    async def call(ctx):
        method, *args = ctx.query["call"].split(",")
        try:
            result = await getattr(ctx.app.board, method)(*args)
        except ClusterClientError as exc:
            names = [each.__name__ for each in type(exc).__mro__]
            ctx.body = {"error": str(exc), "names": names, "code": getattr(exc, "code", None)}
        else:
            ctx.body = {"result": result, "worker": os.getpid()}


    async def follow(ctx):
        # Subscribes while the queue to the agent is full.
        try:
            while True:
                ctx.app.messenger.send_to_agent("noise", "x" * 1000)
        except OutboxFullError:
            ctx.app.board.subscribe("late", lambda value: print("late is", value, file=sys.stderr))
        ctx.body = {"result": None}


    def router(app):
        app.router.get("/", call)
        app.router.get("/follow", follow)
"""


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """Returns the file of the board."""
    return tmp_path / "board.json"


@pytest.fixture
def suite(tmp_path: Path, board: Path) -> Iterator[Suite]:
    """Returns an agent and two workers that follow `a`."""
    base_dir = make_app(tmp_path / "shop", {**files(worker=WORKER), "app/router.py": ROUTER})
    with Suite(app_dir=base_dir, workers=2, environ={"BOARD": str(board)}) as running:
        yield running


def call(suite: Suite, *words: object) -> dict[str, object]:
    """Calls a method of the shared client in some worker."""
    text = ",".join(map(str, words))
    with urlopen(f"http://127.0.0.1:{suite.port}/?call={text}", timeout=40) as response:
        answer: dict[str, object] = json.load(response)
        return answer


def workers(suite: Suite) -> list[Child]:
    return [suite.worker(1), suite.worker(2)]


def await_value(suite: Suite, value: object, count: int = 1) -> None:
    """Waits until each worker has been given a value that many times."""
    line = f"a is {value}"
    for worker in workers(suite):
        worker.wait(lambda child: child.lines.count(line) >= count, f"{count} times {line!r}", 40)


def test_one_object_serves_two_workers(suite: Suite) -> None:
    """One real subscription; a late worker has the last value (process:CC-1, CC-3, CC-7)."""
    answer = call(suite, "set", "a", "one")
    assert answer["result"] == {"key": "a", "value": "one", "pid": suite.agent.pid}
    await_value(suite, "one")
    suite.kill("worker-1")
    suite.spawn("worker-1").wait_ready()
    await_value(suite, "one")
    history = call(suite, "history")["result"]
    assert isinstance(history, list)
    assert history.count("subscribe a") == 1
    assert {f"publish {worker.pid}=here" for worker in workers(suite)} < {*history}


def test_errors_arrive_in_a_worker(suite: Suite) -> None:
    """With class, message and code (process:CC-7)."""
    answer = call(suite, "divide", "1", "b")
    assert answer["error"] == "unsupported operand type(s) for /: 'str' and 'str'"
    assert isinstance(answer["names"], list)
    assert {"LeaderError", "TypeError"} < {*answer["names"]}


def test_a_killed_agent_is_followed_again(suite: Suite, board: Path) -> None:
    """Subscriptions and published values are repeated, once (process:CC-11, known:KO-24)."""
    call(suite, "set", "a", "first")
    await_value(suite, "first")
    for number in range(3):
        suite.kill(AGENT)
        board.write_text(json.dumps({"a": f"while away {number}"}))
        suite.spawn(AGENT).wait_ready()
        await_value(suite, f"while away {number}")
    for worker in workers(suite):
        await_history(suite, f"publish {worker.pid}=here")
    assert str(call(suite, "history")).count("subscribe a") == 1
    call(suite, "set", "a", "last")
    await_value(suite, "last")
    call(suite, "history")
    for worker in workers(suite):
        assert worker.lines.count("a is last") == 1


def test_calls_in_flight_fail_and_later_ones_wait(suite: Suite) -> None:
    """A call that the dead agent had is an error at once (process:CC-11)."""
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(call, suite, "hang")
        await_history(suite, "hang")
        suite.kill(AGENT)
        answer = hanging.result(40)
        assert answer["error"] == "Board: the agent ended before it answered (call again)"
        waiting = pool.submit(call, suite, "divide", "1", "b")
        suite.spawn(AGENT).wait_ready()
        assert "unsupported operand" in str(waiting.result(40)["error"])


def test_a_worker_that_hangs_holds_no_other_up(suite: Suite) -> None:
    """And has the last value when it runs again."""
    await_value(suite, "x", 0)
    stopped, other = workers(suite)
    suite._signal(stopped.name, signal.SIGSTOP)
    for number in range(50):
        answer = None
        while answer is None:
            answer = ask_running(suite, "set", "a", number)
    other.wait_line("a is 49", 40)
    suite._signal(stopped.name, signal.SIGCONT)
    stopped.wait_line("a is 49", 40)


def test_a_subscription_waits_for_a_full_queue(suite: Suite) -> None:
    """The worker sends it when the agent has taken what waited (process:CC-3)."""
    suite._signal(AGENT, signal.SIGSTOP)
    with urlopen(f"http://127.0.0.1:{suite.port}/follow", timeout=40) as response:
        assert response.status == 200
    suite._signal(AGENT, signal.SIGCONT)
    await_history(suite, "subscribe late")
    call(suite, "set", "late", "here")
    await_that(
        lambda: any("late is here" in worker.lines for worker in workers(suite)), "the value"
    )


def ask_running(suite: Suite, *words: object) -> dict[str, object] | None:
    """Returns the answer of a worker, None if the connection went to one that hangs."""
    text = ",".join(map(str, words))
    try:
        with urlopen(f"http://127.0.0.1:{suite.port}/?call={text}", timeout=1) as response:
            answer: dict[str, object] = json.load(response)
            return answer
    except TimeoutError:
        return None


def test_a_dead_worker_is_forgotten(suite: Suite) -> None:
    """Without any follower the real subscription ends (process:CC-5)."""
    for worker in workers(suite):
        suite.kill(worker.name)
    suite.spawn("worker-1").wait_ready()
    suite.spawn("worker-2").wait_ready()
    await_history(suite, "unsubscribe a")


def await_history(suite: Suite, text: str) -> None:
    """Waits until the real client was called so."""
    await_that(lambda: text in str(call(suite, "history")), f"{text!r} in the history")
