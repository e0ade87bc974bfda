"""`eggd top` of a real suite under load, in a real terminal and without one."""

from __future__ import annotations

import json
import math
import os
import pty
import re
import select
import signal
import socket
import subprocess
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eggd.cli.topview.figures import Figures, figures
from eggd.cli.topview.rates import Rates, quantile
from eggd.cli.topview.screen import seconds, sparkline
from eggd.errors import EggError
from eggd.threads import beside
from tests.cli.supervised import LONGEST, Here, free_port, here
from tests.program import Program

COLOUR = re.compile("\x1b\\[[0-9;]*m")
slow = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def shop() -> Iterator[Here]:
    """Two workers under load."""
    with here() as shop:
        port = free_port()
        with shop.foreground("--port", f"127.0.0.1:{port}", "--workers", "2") as suite:
            suite.ready()
            with load(int(port)):
                yield shop


@contextmanager
def load(port: int) -> Iterator[None]:
    """Sends requests one after the other, on a new connection each."""

    def send(ended: threading.Event) -> None:
        while not ended.is_set():
            with socket.create_connection(("127.0.0.1", port), LONGEST) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                while client.recv(4096):
                    pass

    with beside(send):
        yield


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_without_a_terminal_it_prints_one_table(shop: Here) -> None:
    done = shop.eggd("top", str(shop.app))
    assert done.returncode == 0, done.stderr
    heading, one, two, total = done.stdout.splitlines()
    assert heading.split()[:5] == ["worker", "state", "req/s", "p50", "p99"]
    assert [one.split()[:2], two.split()[:2]] == [["1", "ready"], ["2", "ready"]]
    assert total.split()[:3] == ["all", "2", "ready"]
    assert float(total.split()[3].replace(",", "")) > 0
    assert "\x1b" not in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_json_is_an_object_a_line_until_a_signal(shop: Here) -> None:
    argv = shop.command("top", str(shop.app), "--json", "--interval", "1.1")
    with Program(argv, env=shop.environ(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines: list[dict[str, Any]] = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        assert process.wait(LONGEST) == 130
    for line in lines:
        assert [worker["worker"] for worker in line["workers"]] == [1, 2]
        total = line["all"]
        assert total["requests_per_second"] > 0
        assert 0 < total["p50"] <= total["p99"]
        assert total["memory"] == sum(worker["memory"] for worker in line["workers"]) > 1 << 20
    assert lines[0]["at"] < lines[1]["at"]


class Terminal:
    """`eggd top` in a pseudo-terminal."""

    def __init__(self, shop: Here, *options: str) -> None:
        self.main, self.side = pty.openpty()
        self.before = termios.tcgetattr(self.side)
        self.text = ""
        self.process = Program[bytes](
            shop.command("top", str(shop.app), *options),
            env=shop.environ(TERM="xterm", COLUMNS="150", LINES="30"),
            stdin=self.side,
            stdout=self.side,
            stderr=self.side,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.main)
        os.close(self.side)

    def wait(self, pattern: str) -> None:
        """Reads until the text has this pattern."""
        until = time.monotonic() + LONGEST
        while not re.search(pattern, self.text):
            assert select.select([self.main], [], [], until - time.monotonic())[0], self.text
            self.text = COLOUR.sub(
                "", self.text + os.read(self.main, 65536).decode("utf-8", "replace")
            )

    def press(self, keys: bytes) -> None:
        os.write(self.main, keys)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        pytest.param(lambda top: top.press(b"q"), 0, marks=slow),
        pytest.param(lambda top: top.press(b"xxQ"), 0, marks=slow),
        pytest.param(lambda top: top.press(b"\x03"), 0, marks=slow),
        pytest.param(lambda top: top.process.send_signal(signal.SIGINT), 130, marks=slow),
        pytest.param(lambda top: top.process.terminate(), 143, marks=slow),
    ],
)
def test_it_ends_with_the_terminal_restored(shop: Here, end: Any, code: int) -> None:
    with Terminal(shop, "--interval", "1.1") as top:
        top.wait("\x1b\\[\\?1049h")
        top.wait(r"all +2 ready +[\d,.]+ +[\d.]+ (µs|ms|s) ")
        top.wait("[▂▃▄▅▆▇█]")
        assert not termios.tcgetattr(top.side)[3] & termios.ECHO
        end(top)
        top.wait("\x1b\\[\\?1049l")
        assert top.process.wait(LONGEST) == code
        top.wait("\x1b\\[\\?25h")
        assert termios.tcgetattr(top.side) == top.before
    assert "Traceback" not in top.text


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_suite_that_ends_is_one_line_with_the_cure() -> None:
    with here() as shop, shop.foreground("--port", free_port(), "--workers", "1") as suite:
        suite.ready()
        with Terminal(shop, "--interval", "1.1") as top:
            top.wait("1 ready")
            shop.eggd("stop", str(shop.app))
            assert top.process.wait(LONGEST) == 1
            top.wait(r"error: .*metrics\.sock: the agent does not run \(run 'eggd start ")
            assert termios.tcgetattr(top.side) == top.before


def test_a_suite_that_does_not_run_is_one_line_with_the_cure(tmp_path: Path) -> None:
    shop = Here(tmp_path)
    done = shop.eggd("top", str(shop.app))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {shop.app}: no suite is running (run 'eggd start {shop.app}')\n"


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A runtime directory as the units have it, with a socket whose agent answers with `page`."""
    with here() as shop:
        yield shop.home


def serve(path: Path, answer: bytes) -> None:
    """Answers one client of a Unix socket."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(LONGEST)
        client, _ = listener.accept()
        with client:
            client.recv(4096)
            client.sendall(answer)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "the agent does not answer: "),
        (b"garbage\r\n\r\n", "the agent does not answer: "),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "not a page of metrics (status 404)"),
        (b'HTTP/1.1 200 OK\r\n\r\neggd_requests_total{worker="x"} 1\n', "a malformed page"),
        (b"HTTP/1.1 200 OK\r\n\r\n{{{\n", "a malformed page"),
    ],
)
def test_a_hostile_agent_is_one_line(runtime: Path, answer: bytes, error: str) -> None:
    thread = threading.Thread(target=serve, args=(runtime / "metrics.sock", answer))
    thread.start()
    done = Here(runtime).eggd("top", "--once", RUNTIME_DIRECTORY=str(runtime))
    thread.join()
    assert done.returncode == 1
    assert error in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ('{"agent": {"metrics": ""}}', "the suite has no metrics (remove cluster.metrics.enable"),
        ('{"agent": {"metrics": "127.0.0.1:1"}}', "127.0.0.1:1: the agent does not run"),
        ("[", "metrics.sock: the agent does not run"),
    ],
)
def test_the_address_is_that_of_the_status(runtime: Path, status: str, error: str) -> None:
    (runtime / "status.json").write_text(status)
    done = Here(runtime).eggd("top", "--once", RUNTIME_DIRECTORY=str(runtime))
    assert done.returncode == 1
    assert error in done.stderr


def test_once_has_no_interval(tmp_path: Path) -> None:
    done = Here(tmp_path).eggd("top", "--once", "--interval", "2")
    assert done.returncode == 2
    assert "--interval has no effect with --once" in done.stderr


PAGE = """\
eggd_requests_total{worker="1"} 10
eggd_connections{worker="1"} 3
eggd_worker_ready{worker="1"} 1
eggd_worker_restarts_total{worker="1",reason="crashed"} 2
eggd_worker_restarts_total{worker="1",reason="reload"} 1
eggd_request_duration_seconds_bucket{worker="1",le="0.1"} 4
eggd_request_duration_seconds_bucket{worker="1",le="+Inf"} 10
eggd_schedule_runs_total{job="x",result="success"} 1
eggd_requests_total{worker="1000"} 1
eggd_dependency_up{worker="agent",dependency="redis"} 1
"""


def test_figures_of_a_page() -> None:
    assert figures(PAGE) == {
        1: Figures(requests=10, connections=3, ready=1, restarts=3, latencies={0.1: 4, math.inf: 6})
    }


@pytest.mark.parametrize(
    "page", ['eggd_connections{worker="1"} x', 'eggd_connections{worker="a"} 1', "a{"]
)
def test_a_malformed_page_is_an_error(page: str) -> None:
    with pytest.raises(EggError, match="malformed"):
        figures(page)


@pytest.mark.parametrize(
    ("share", "latencies", "expected"),
    [
        (0.5, {}, None),
        (0.5, {1.0: 0, math.inf: 0}, None),
        (0.5, {1.0: 10, 2.0: 0, math.inf: 0}, 0.5),
        (0.5, {1.0: 5, 2.0: 10, math.inf: 0}, 1.25),
        (0.99, {1.0: 50, 2.0: 0, math.inf: 50}, 2.0),
    ],
)
def test_quantiles(share: float, latencies: dict[float, float], expected: float | None) -> None:
    assert quantile(share, latencies) == expected


def worker(requests: float, reported: float, ready: float = 1.0) -> Figures:
    return Figures(
        requests=requests, reported=reported, ready=ready, latencies={1.0: requests, math.inf: 0}
    )


@pytest.mark.parametrize(
    ("old", "new", "rate"),
    [
        (worker(10, 100), worker(30, 104), 5.0),
        (worker(10, 100), worker(10, 104), 0.0),
        (worker(10, 100), worker(10, 100), None),  # no second report
        (worker(10, 0), worker(10, 100), None),
        (worker(10, 100), worker(3, 104), None),  # the agent was started again
        (worker(10, 100), worker(30, 90), None),  # the clock was set back
        (worker(10, 100), worker(30, 104, ready=0), None),
    ],
)
def test_rates_of_two_reports(old: Figures, new: Figures, rate: float | None) -> None:
    rates = Rates()
    rates.update({1: old})
    one, total = rates.update({1: new})
    assert one.requests_per_second == total.requests_per_second == rate
    assert (one.p50 is not None) == bool(rate)


def test_a_spare_that_has_ended_has_no_row() -> None:
    """The spare serves during a reload alone; another worker that is down keeps its row."""
    rates = Rates()
    for ready, slots in ((1.0, [0, 1, None]), (0.0, [1, None])):
        page = {0: worker(10, 100, ready), 1: worker(10, 100, ready)}
        assert [row.worker for row in rates.update(page)] == slots


def test_a_page_without_a_new_report_keeps_the_rate() -> None:
    rates = Rates()
    pages = (worker(10, 100), worker(30, 104), worker(30, 104))
    rows = [rates.update({1: page})[0] for page in pages]
    assert [row.requests_per_second for row in rows] == [None, 5.0, 5.0]


@pytest.mark.parametrize(
    ("values", "line"),
    [([], ""), ([0.0, 0.0], "▁▁"), ([0.0, 50.0, 100.0], "▁▅█"), ([7.0], "█")],
)
def test_sparklines(values: list[float], line: str) -> None:
    assert sparkline(values) == line


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0.0, "0 µs"), (0.00085, "850 µs"), (0.0015, "1.5 ms")]
)
def test_times_have_units(value: float | None, text: str) -> None:
    assert seconds(value) == text
