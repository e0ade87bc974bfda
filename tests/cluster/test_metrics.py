"""Metrics of real suites, read by the parsers of prometheus_client."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from typing import Any

import pytest
from prometheus_client import Metric, parser
from prometheus_client.openmetrics import parser as open_parser

from eggd.http.pages import MOST
from eggd.testing.redis_server import RedisServer
from eggd.testing.suite import Suite
from tests.cluster.clients import TIMEOUT, Gate
from tests.cluster.conftest import Start
from tests.cluster.test_health import Connection
from tests.polling import await_that
from tests.ports import free_port

OPEN = "application/openmetrics-text; version=1.0.0"
Parse = Callable[[str], Iterable[Metric]]
PLAIN: Parse = parser.text_string_to_metric_families


def page(suite: Suite, accept: str = "*/*") -> str:
    return scrape(Connection(suite.rundir / "metrics.sock"), accept)


def scrape(connection: HTTPConnection, accept: str = "*/*") -> str:
    connection.request("GET", "/metrics", headers={"Accept": accept})
    response = connection.getresponse()
    assert response.status == 200
    text = response.read().decode()
    connection.close()
    return text


def value(suite: Suite, name: str, **labels: str) -> float:
    """Returns the value of a sample; -1 without it."""
    samples = [sample for metric in PLAIN(page(suite)) for sample in metric.samples]
    fit = [s.value for s in samples if s.name == name and labels.items() <= s.labels.items()]
    return fit[0] if fit else -1


def get(suite: Suite, path: str = "/") -> int:
    """Returns the status of one of the app's pages."""
    connection = HTTPConnection("localhost", timeout=TIMEOUT)
    connection.sock = suite.connect()
    connection.request("GET", path, headers={"Connection": "close"})
    status = connection.getresponse().status
    connection.close()
    return status


def config(**metrics: object) -> dict[str, str]:
    return {"config/config_prod.py": f"cluster = {{'metrics': {metrics!r}}}\n"}


@pytest.mark.parametrize(
    ("accept", "parse"),
    [
        ("*/*", PLAIN),
        (OPEN, open_parser.text_string_to_metric_families),
    ],
)
def test_both_formats_are_valid(start: Start, accept: str, parse: Parse) -> None:
    suite = start()
    await_that(lambda: value(suite, "eggd_worker_ready", worker="1") == 1, "a ready worker")
    names = {metric.name for metric in parse(page(suite, accept))}
    assert {"eggd_requests", "eggd_request_duration_seconds", "eggd_gc_seconds"} <= names
    assert ("# EOF" in page(suite, accept)) == (accept == OPEN)


def test_a_counter_keeps_the_requests_of_a_dead_worker(start: Start) -> None:
    """The worker reports when the agent is asked, long before its next tick."""
    suite = start(WATCHDOG_USEC="600000000")

    def responses() -> float:
        return value(suite, "eggd_responses_total", worker="1", **{"class": "2xx"})

    assert get(suite) == 200
    await_that(lambda: responses() == 1, "a counted response")
    assert value(suite, "eggd_request_duration_seconds_count", worker="1") == 1
    assert suite.kill("worker-1") == -signal.SIGKILL
    suite.restart("worker-1").wait_ready()
    await_that(lambda: value(suite, "eggd_worker_ready", worker="1") == 1, "a ready worker")
    assert responses() == 1
    assert get(suite) == 200
    await_that(lambda: responses() == 2, "the sum of both processes")
    assert value(suite, "eggd_worker_restarts_total", worker="1", reason="crashed") == 1


def test_an_open_request_is_in_flight_and_an_abandoned_one_is_aborted(
    start: Start, gate: Gate
) -> None:
    suite = start()

    def aborted() -> float:
        return value(suite, "eggd_responses_total", worker="1", **{"class": "aborted"})

    with suite.connect() as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        gate.wait_for_request()
        await_that(
            lambda: value(suite, "eggd_requests_in_flight", worker="1") == 1, "an open request"
        )
        assert aborted() == 0
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
    await_that(lambda: aborted() == 1, "an aborted request")
    assert value(suite, "eggd_requests_in_flight", worker="1") == 0
    assert value(suite, "eggd_request_duration_seconds_count", worker="1") == 0


SCHEDULE = """
    schedule = {"interval": "1h", "type": "worker", "immediate": True}


    async def task(ctx):
        ctx.logger.warn("careful")
        FAIL
"""


@pytest.mark.parametrize(("line", "result"), [("pass", "success"), ("1 / 0", "failure")])
def test_jobs_and_log_entries_are_counted(start: Start, line: str, result: str) -> None:
    suite = start(files={"app/schedule/job.py": SCHEDULE.replace("FAIL", line)})
    await_that(
        lambda: value(suite, "eggd_schedule_runs_total", result=result) >= 1, "a run of the job"
    )
    await_that(
        lambda: value(suite, "eggd_log_records_total", worker="1", level="warn") >= 1, "a warning"
    )
    is_error = value(suite, "eggd_log_records_total", worker="1", level="error") > 0
    assert is_error == (result == "failure")


LIAR = """
    REPORTS = ["x", [], {"requests": [-1]}, {"requests": [1, 2]}, {"requests": [10**400]},
               {"latency": [0] * 3}, {"memory": ["1"]}, {"requests": {"a": 1}}]


    async def lie(ctx):
        for report in REPORTS:
            ctx.app.messenger.send_to_agent("egg-report", report)
        ctx.body = "lied"


    def router(app):
        app.router.get("/", lie)
"""


def test_malformed_reports_of_a_worker_are_ignored(start: Start) -> None:
    suite = start(files={"app/router.py": LIAR})

    def requests() -> float:
        return value(suite, "eggd_requests_total", worker="1")

    assert [get(suite) for _ in range(3)] == [200] * 3
    await_that(lambda: requests() == 3, "three counted requests")
    assert value(suite, "eggd_resident_memory_bytes", worker="1") > 1 << 20


def test_a_tcp_address_serves_besides_hostile_and_slow_clients(start: Start) -> None:
    port = free_port()
    suite = start(files=config(listen=f"127.0.0.1:{port}"))
    assert not (suite.rundir / "metrics.sock").exists()

    def ask() -> str:
        return scrape(HTTPConnection("127.0.0.1", port, timeout=TIMEOUT))

    with ExitStack() as stack:
        for sent in [
            b"",
            b"GET /metrics HT",
            b"\0" * 99,
            b"POST /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
        ]:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), TIMEOUT))
            client.sendall(sent)
        assert "eggd_requests_total" in ask()
        pipelined = stack.enter_context(socket.create_connection(("127.0.0.1", port), TIMEOUT))
        pipelined.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 2000)
        assert "eggd_requests_total" in ask()
        crowd = [socket.create_connection(("127.0.0.1", port), TIMEOUT) for _ in range(2 * MOST)]
        assert any(client.recv(1) == b"" for client in crowd[MOST:])
        for client in crowd:
            client.close()

    def is_served() -> bool:
        with suppress(OSError):  # until the agent has read the end of the crowd's connections
            return "eggd_requests_total" in ask()
        return False

    await_that(is_served, "a served client after the crowd")
    assert get(suite) == 200


def test_metrics_can_be_turned_off(start: Start) -> None:
    suite = start(files=config(enable=False))
    assert not (suite.rundir / "metrics.sock").exists()


def status(suite: Suite) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((suite.rundir / "status.json").read_text())
    return content


def test_a_dependency_that_is_down_is_in_status_and_metrics(start: Start) -> None:
    """Agent and worker report it, and its return (docs/redis.md)."""
    with RedisServer() as server:
        server.stop()
        clients = {"cache": {"url": server.url, "required": False}}
        files = {
            "config/plugin.py": "redis = True\n",
            "config/config_prod.py": f"redis = {{'clients': {clients!r}}}\n",
        }
        suite = start(files=files, WATCHDOG_USEC="400000")

        def up() -> list[float]:
            name = {"dependency": "redis cache"}
            return [
                value(suite, "eggd_dependency_up", worker=each, **name) for each in ("1", "agent")
            ]

        def problems() -> list[str]:
            report = status(suite)
            processes = [report["agent"], *report["workers"]]
            return [each["dependencies"]["redis cache"] for each in processes]

        await_that(lambda: up() == [0, 0], "a server that is down")
        # The status is another report than the metrics.
        why = "Connection refused"
        await_that(lambda: all(why in each for each in problems()), "the problem in the status")
        server.start()
        await_that(lambda: up() == [1, 1], "a server that answers")
        await_that(lambda: problems() == ["", ""], "a status without problems")
