"""The suite against stand-ins of a few lines: what PID 1 would do is done, and nothing more."""

import errno
import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from eggd.errors import BootError
from eggd.testing.suite import Suite

STAND_IN = """
import os, signal, socket, sys
name = sys.argv[1]

def notify(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(text.encode(), os.environ["NOTIFY_SOCKET"])

held = socket.socket(fileno=3)
held.setblocking(True)
for key in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "EGG_BASE_DIR", "EGG_SERVER_ENV", "MORE"):
    print(key, os.environ.get(key), flush=True)
signal.signal(signal.SIGTERM, lambda *_: (notify("STOPPING=1"), print("bye", end=""), sys.exit(7)))
{body}
notify("STATUS=ready at last")
notify("READY=1")
while name == "agent":
    print("inbox:", held.recv(99).decode(), file=sys.stderr, flush=True)
while True:
    conn, _ = held.accept()
    conn.sendall(str(os.getpid()).encode())
    conn.close()
"""


def make(tmp_path: Path, body: str = "", workers: int = 1) -> Suite:
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN.replace("{body}", body))

    def command(python: str, name: str) -> Sequence[str]:
        return [python, "-S", str(script), name]

    return Suite(
        app_dir=tmp_path, workers=workers, command=command, python="python3", environ={"MORE": "1"}
    )


def answer(suite: Suite) -> int:
    with suite.connect() as conn:
        return int(conn.recv(99))


def test_hands_over_what_systemd_does(tmp_path: Path) -> None:
    with make(tmp_path) as suite:
        worker = suite.worker(1)
        assert worker.lines == [
            f"LISTEN_PID {worker.pid}",
            "LISTEN_FDS 1",
            "LISTEN_FDNAMES http",
            f"EGG_BASE_DIR {tmp_path}",
            "EGG_SERVER_ENV prod",
            "MORE 1",
        ]
        assert "LISTEN_FDNAMES agent" in suite.agent.lines


def test_knows_readiness_and_status(tmp_path: Path) -> None:
    with make(tmp_path, "notify('STATUS=booting'); notify('WATCHDOG=1')", workers=3) as suite:
        assert [child.name for child in suite.children] == [
            "agent",
            *map("worker-{}".format, (1, 2, 3)),
        ]
        assert all(child.ready and child.alive for child in suite.children)
        assert suite.worker(2).statuses == ["booting", "ready at last"]
        assert suite.worker(2).pings == 1


def test_all_workers_share_one_deep_listener(tmp_path: Path) -> None:
    with make(tmp_path, workers=2) as suite:
        pids = {child.pid for child in suite.children}
        assert {answer(suite) for _ in range(20)} <= pids
        with suite.connect() as conn:
            assert conn.getpeername() == ("127.0.0.1", suite.port)
        queue = Path("/proc/sys/net/core/somaxconn").read_text()
        assert int(queue) >= 4096  # else the kernel clamps Backlog= of egg.socket


def test_stop_is_sigterm_and_returns_the_exit_code(tmp_path: Path) -> None:
    with make(tmp_path) as suite:
        worker = suite.worker(1)
        assert suite.stop("worker-1") == 7
        assert worker.stopping
        assert worker.lines[-1] == "bye"  # without its newline, too


def test_a_killed_worker_leaves_the_listener(tmp_path: Path) -> None:
    with make(tmp_path) as suite:
        assert suite.kill("worker-1") == -signal.SIGKILL
        with suite.connect() as waiting:
            new = suite.restart("worker-1").wait_ready()
            assert waiting.recv(99) == str(new.pid).encode()


def test_messages_to_a_dead_agent_wait(tmp_path: Path) -> None:
    with make(tmp_path) as suite, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        suite.kill("agent")
        out.sendto(b"kept", str(suite.rundir / "agent.sock"))
        assert suite.restart("agent").wait_line("inbox") == "inbox: kept"


def test_a_failed_boot_says_its_last_words(tmp_path: Path) -> None:
    body = "notify('STATUS=boot 1 failed'); sys.exit('<3>no such thing')"
    with pytest.raises(BootError) as caught, make(tmp_path, body):
        pass
    assert "no READY=1, exited with 1" in caught.value.message
    assert caught.value.hint.startswith("boot 1 failed | ")
    assert caught.value.hint.endswith("<3>no such thing")


def test_waits_end_with_what_they_waited_for(tmp_path: Path) -> None:
    with make(tmp_path) as suite:
        with pytest.raises(BootError, match=r"no 'never', alive after 0\.01 s"):
            suite.worker(1).wait_line("never", 0.01)
        with pytest.raises(BootError, match="no miracle within"):
            suite.wait(lambda: False, "miracle", 0.01)
        with pytest.raises(BootError, match="worker-1 is running as"):
            suite.spawn("worker-1")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    with make(tmp_path, workers=2) as suite:
        pids, directory = [child.pid for child in suite.children], suite.directory
    assert set(os.listdir("/proc/self/fd")) == before
    assert not directory.exists()
    for pid in pids:
        with pytest.raises(OSError, match=os.strerror(errno.ESRCH)):
            os.kill(pid, 0)
