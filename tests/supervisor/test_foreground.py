"""Signals to the supervisor, and its duties as the first process of a container."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eggd.supervisor.foreground import reap
from tests.house.imports import ROOT
from tests.program import Program
from tests.supervisor.suite import stage

HEARS = """
import asyncio, sys
from pathlib import Path
from eggd.supervisor import foreground
from tests.supervisor.suite import Stage

foreground.HURRY = 0.1

async def main():
    stage = Stage(Path(sys.argv[1]))
    stage.ways("worker-1", *sys.argv[2:])
    supervisor = stage.supervisor()
    report = lambda text: print(text, flush=True)
    with foreground.signals(supervisor), supervisor.reporting_to(report):
        await supervisor.start()
        print("up", flush=True)
        await supervisor.closed
    print(*stage.lines.of("egg-master"), sep="\\n")

asyncio.run(main())
"""


@contextmanager
def hearing(*ways: str, shell: str = "") -> Iterator[subprocess.Popen[str]]:
    """A supervisor that handles signals, started by a shell that ran `shell` before."""
    with stage() as here:
        command = ["sh", "-c", f'{shell} exec "$@"', "sh", sys.executable, "-c", HEARS]
        with Program(
            [*command, str(here.home), *ways], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                wait(process, "up")
                yield process
            finally:
                process.kill()


def wait(process: subprocess.Popen[str], text: str) -> None:
    """Reads lines until one contains this text."""
    assert process.stdout is not None
    assert any(text in line for line in process.stdout)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_that_was_ignored_at_the_start_stays_ignored(number: signal.Signals) -> None:
    """A signal ignored by nohup(1), or by a shell for its background jobs, stays ignored."""
    with hearing(shell=f"trap '' {number.name.removeprefix('SIG')};") as process:
        process.send_signal(number)
        process.terminate()
        out, _ = process.communicate(timeout=50)
    assert "received SIGTERM, stopping" in out
    assert number.name not in out
    assert process.returncode == 0


def test_sigterm_is_always_heard() -> None:
    with hearing(shell="trap '' TERM;") as process:
        process.terminate()
        assert process.wait(50) == 0


def test_a_second_signal_kills_processes_that_do_not_stop() -> None:
    """A repeat does not cut off the closing itself (process:CL-89)."""
    with hearing("stubborn") as process:
        process.terminate()
        wait(process, "stopping the workers")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=50)
    assert "signal SIGINT again: processes are killed after 0.1 s" in out
    assert "egg-worker@1.service: not stopped after 0.1 s, killed by SIGKILL" in out
    assert "egg-agent.service: exited with 0" in out
    assert process.returncode == 0


def ended_child() -> int:
    """Returns a child that has ended and is not reaped."""
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid


def test_strangers_are_buried_and_our_own_are_left_to_those_who_wait() -> None:
    stranger, ours = ended_child(), ended_child()
    reap({ours})
    assert not Path(f"/proc/{stranger}").exists()
    assert os.waitpid(ours, 0)[0] == ours


def test_a_running_process_is_left_alone() -> None:
    reader, writer = os.pipe()
    pid = os.posix_spawn("/bin/cat", ["cat"], {}, file_actions=[(os.POSIX_SPAWN_DUP2, reader, 0)])
    reap(set())
    assert Path(f"/proc/{pid}").exists()
    os.close(reader)
    os.close(writer)
    assert os.waitpid(pid, 0) == (pid, 0)
