"""On SIGTERM a worker answers the requests in flight, closes each connection after its next answer,
and exits with 0. The app is tests/cluster/app.py.
"""

from __future__ import annotations

from eggd.testing.child import Child
from tests.cluster.clients import Client, Gate, Load
from tests.cluster.conftest import Start


def test_requests_in_flight_are_answered(start: Start, gate: Gate) -> None:
    suite = start()
    worker = suite.worker(1)
    with Client(suite) as client:
        client.send("/slow")
        gate.wait_for_request()
        suite.terminate("worker-1")
        worker.wait(lambda child: child.stopping, "STOPPING=1")
        gate.open("in time")
        answer = client.receive()
        assert (answer.status, answer.body, answer.connection) == (200, "in time", "close")
        assert client.wait_closed()
    assert worker.wait_exit() == 0
    assert worker.lines.count("before_close") == 1


def test_an_idle_connection_gets_one_more_answer(start: Start) -> None:
    suite = start()
    with Client(suite) as client:
        assert client.get("/").connection != "close"
        suite.terminate("worker-1")
        suite.worker(1).wait(lambda child: child.stopping, "STOPPING=1")
        assert client.get("/").connection == "close"
        assert client.wait_closed()
    assert suite.worker(1).wait_exit() == 0


def test_a_new_connection_waits_for_the_next_worker(start: Start) -> None:
    suite = start()
    suite.stop("worker-1")
    with Client(suite) as client:
        client.send("/")
        new = suite.restart("worker-1").wait_ready()
        assert client.receive().body == str(new.pid)


def test_no_request_fails_during_restarts_under_load(start: Start) -> None:
    suite = start(workers=2)
    with Load(suite, clients=8) as load:
        for name in ("worker-1", "worker-2", "worker-1"):
            load.wait_for_answers(5)
            suite.restart(name).wait_ready()
        load.wait_for_answers(5)
    assert (load.refused, sum(load.broken), load.wrong) == (0, 0, [])


def test_a_stopping_agent_runs_before_close(start: Start) -> None:
    suite = start()
    assert suite.stop("agent") == 0
    assert "before_close" in suite.agent.lines


UPLOAD = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\nx\r\n--b--\r\n'
FORM = {
    "Content-Type": "multipart/form-data; boundary=b",
    "Cookie": "csrfToken=abcdefgh",
    "X-CSRF-Token": "abcdefgh",
}


def late_imports(child: Child) -> list[str]:
    """Returns the modules imported after READY=1: tests/cluster/app.py sends each as X_IMPORT."""
    ready = child.notifications.index(("READY", "1"))
    return [value for key, value in child.notifications[ready:] if key == "X_IMPORT"]


def test_nothing_of_eggd_is_imported_after_ready(start: Start) -> None:
    suite = start()
    with Client(suite) as client:
        statuses = {client.get(path).status for path in ("/nowhere", "/broken", "/refused")}
        assert client.post("/upload", UPLOAD, FORM).body == "1"
        assert client.get("/plugins").body == "422"
        # Enough for code that runs once in many requests: collected garbage, renewed dates.
        answers = [client.get("/").status for _ in range(1000)]
        assert client.get("/lazy").body == "eggd.testing"  # control: it is reported
    assert (statuses, set(answers)) == ({404, 500, 403}, {200})
    assert (suite.stop("worker-1"), suite.stop("agent")) == (0, 0)
    assert late_imports(suite.worker(1)) == ["eggd.testing"]
    assert late_imports(suite.agent) == []


def test_close_timeout_includes_the_hooks(start: Start, gate: Gate) -> None:
    """A hanging request is aborted early enough that the hooks can still run (process:CL-82)."""
    suite = start(EGG_APP_CLOSE_TIMEOUT="200")
    with Client(suite) as client:
        client.send("/slow")
        gate.wait_for_request()
        assert suite.stop("worker-1") == 0
        assert client.wait_closed()
    assert suite.worker(1).lines.count("before_close") == 1
