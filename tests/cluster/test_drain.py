"""SIGTERM: what is in flight is answered, the next on each connection closes it, exit 0."""

from __future__ import annotations

from eggd.testing.child import Child
from tests.cluster.clients import Client, Gate, Load
from tests.cluster.conftest import Start


def test_requests_in_flight_are_answered(start: Start, gate: Gate) -> None:
    suite = start()
    worker = suite.worker(1)
    with Client(suite) as client:
        client.send("/slow")
        gate.reached()
        suite.terminate("worker-1")
        worker.wait(lambda child: child.stopping, "STOPPING=1")
        gate.open("in time")
        answer = client.receive()
        assert (answer.status, answer.body, answer.connection) == (200, "in time", "close")
        assert client.ended()
    assert worker.wait_exit() == 0
    assert worker.lines.count("before_close") == 1


def test_an_idle_connection_gets_one_more_answer(start: Start) -> None:
    suite = start()
    with Client(suite) as client:
        assert client.get("/").connection != "close"
        suite.terminate("worker-1")
        suite.worker(1).wait(lambda child: child.stopping, "STOPPING=1")
        assert client.get("/").connection == "close"
        assert client.ended()
    assert suite.worker(1).wait_exit() == 0


def test_a_new_connection_waits_for_the_next_worker(start: Start) -> None:
    suite = start()
    suite.stop("worker-1")
    with Client(suite) as client:
        client.send("/")
        new = suite.restart("worker-1").wait_ready()
        assert client.receive().body == str(new.pid)


def test_restarts_under_load_fail_nothing(start: Start) -> None:
    suite = start(workers=2)
    with Load(suite, clients=8) as load:
        for name in ("worker-1", "worker-2", "worker-1"):
            load.more(5)
            suite.restart(name).wait_ready()
        load.more(5)
    assert (load.refused, sum(load.broken), load.wrong) == (0, 0, [])


def test_the_agent_stops_by_its_hooks(start: Start) -> None:
    suite = start()
    assert suite.stop("agent") == 0
    assert "before_close" in suite.agent.lines


def late_imports(child: Child) -> list[str]:
    ready = child.notifications.index(("READY", "1"))
    return [value for key, value in child.notifications[ready:] if key == "X_IMPORT"]


def test_nothing_of_eggd_is_imported_after_ready(start: Start) -> None:
    suite = start()
    with Client(suite) as client:
        statuses = {client.get(path).status for path in ("/nowhere", "/broken", "/refused")}
        answers = [client.get("/").status for _ in range(1000)]
        assert client.get("/lazy").body == "eggd.testing"  # an import that the app does is seen
    assert (statuses, set(answers)) == ({404, 500, 403}, {200})
    assert (suite.stop("worker-1"), suite.stop("agent")) == (0, 0)
    assert late_imports(suite.worker(1)) == ["eggd.testing"]
    assert late_imports(suite.agent) == []


def test_a_variable_limits_the_whole_stop(start: Start, gate: Gate) -> None:
    """A request that hangs is cut, so that the hooks have time as well (process:CL-82)."""
    suite = start(EGG_APP_CLOSE_TIMEOUT="200")
    with Client(suite) as client:
        client.send("/slow")
        gate.reached()
        assert suite.stop("worker-1") == 0
        assert client.ended()
    assert suite.worker(1).lines.count("before_close") == 1
