"""Real processes: pids, deaths, and what a killed agent may lose."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.messenger.conftest import Bus
from tests.program import Program

pytestmark = pytest.mark.slow

ACTOR = Path(__file__).with_name("actor.py")
ROOT = ACTOR.parents[2]
Event = list[Any]


class Actor:
    """A child process that runs `actor.py`."""

    def __init__(self, role: str, slot: int, directory: Path, inbox: int | None = None) -> None:
        arguments = [role, str(slot), str(directory), *([] if inbox is None else [str(inbox)])]
        self.process = Program[bytes](
            [sys.executable, str(ACTOR), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pipesize=4096,  # it cannot run far ahead of the test
            pass_fds=[] if inbox is None else [inbox],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.process.stdin
        assert self.process.stdout
        self.input, self.output = self.process.stdin, self.process.stdout
        self.pid = self.process.pid

    def tell(self, *command: object) -> None:
        self.input.write(json.dumps(command).encode() + b"\n")
        self.input.flush()

    def until(self, *event: object) -> Event:
        """Reads what happens until an event begins like this."""
        for found in self.events():
            if found[: len(event)] == list(event):
                return found
        raise AssertionError(f"{event} never came")

    def events(self) -> Iterator[Event]:
        return (json.loads(line) for line in iter(self.output.readline, b"") if line[-1:] == b"\n")

    def kill(self) -> list[Event]:
        """Kills it and returns what it had said."""
        self.process.kill()
        return list(self.events())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.input.close()
        self.output.close()


Spawn = Callable[..., Actor]


@pytest.fixture
def spawn(bus: Bus) -> Iterator[Spawn]:
    actors: list[Actor] = []

    def start(role: str, slot: int = 0, inbox: socket.socket | None = None) -> Actor:
        actors.append(Actor(role, slot, bus.directory, inbox.fileno() if inbox else None))
        actors[-1].until("opened")
        return actors[-1]

    yield start
    for actor in actors:
        actor.end()


def ready(agent: Actor, *workers: Actor) -> None:
    for actor in (*workers, agent):
        actor.tell("announce", "ready")
    for actor in (*workers, agent):
        actor.until("heard", "egg-ready")


@pytest.mark.parametrize("known", [False, True])
def test_send_to_a_pid(spawn: Spawn, held: socket.socket, known: bool) -> None:  # IPC-6
    agent, one, two = spawn("agent", 0, held), spawn("worker", 1), spawn("worker", 2)
    if known:
        two.tell("send_to_app", "hi")
        one.until("heard", "hi")
    one.tell("send_to", str(two.pid), "n", 5)
    one.tell("send_to", 1, "n", "nobody")
    one.tell("send_to", agent.pid, "n", 6)
    one.tell("send_to_app", "n", 7)
    assert [two.until("heard", "n")[2] for _ in range(2)] == [5, 7]
    assert agent.until("heard", "n")[2] == 6


def test_the_pid_of_a_killed_worker_is_removed(spawn: Spawn, held: socket.socket) -> None:  # CL-26
    agent, one, two = spawn("agent", 0, held), spawn("worker", 1), spawn("worker", 2)
    ready(agent, one, two)
    one.tell("send_to_agent", "hi")
    two.tell("send_to_agent", "hi")
    assert {agent.until("heard", "hi")[3][2] for _ in range(2)} == {one.pid, two.pid}
    two.kill()
    assert agent.until("heard", "egg-pids", [one.pid])


def test_workers_notice_the_end_and_the_restart_of_the_agent(
    spawn: Spawn, held: socket.socket
) -> None:
    agent, one = spawn("agent", 0, held), spawn("worker", 1)
    ready(agent, one)
    agent.kill()
    one.until("heard", "egg-pids", [])  # CL-60
    agent = spawn("agent", 0, held)
    agent.tell("announce", "ready")
    one.until("heard", "egg-pids", [agent.pid])  # CL-63
    one.until("heard", "agent-start")
    one.until("heard", "egg-ready")  # CL-24
    agent.until("heard", "egg-pids", [one.pid])
    agent.until("heard", "egg-ready")
    agent.tell("send_to_app", "n", 1)
    while (heard := one.until("heard"))[1] != "n":
        assert heard[1] != "egg-pids"  # once from each agent


def test_messages_of_a_killed_worker_still_arrive(spawn: Spawn, held: socket.socket) -> None:
    one = spawn("worker", 1)  # CL-88
    one.tell("announce", "ready")
    one.tell("send_to_agent", "hi", "last")
    one.input.close()
    one.process.wait()
    agent = spawn("agent", 0, held)
    assert agent.until("heard", "hi")[2] == "last"
    two = spawn("worker", 2)
    two.tell("announce", "ready")
    assert agent.until("heard", "egg-pids", [two.pid])


@pytest.mark.parametrize(
    "count", [2_000, pytest.param(1_000_000, marks=[pytest.mark.soak, pytest.mark.timeout(900)])]
)
def test_messages_arrive_once_and_in_order(
    spawn: Spawn, held: socket.socket, count: int, figure: Callable[[str], None]
) -> None:
    agent, one = spawn("agent", 0, held), spawn("worker", 1)
    one.tell("flood", "n", count, 100)
    assert all(agent.until("heard", "n")[2] == number for number in range(count))
    figure(f"{count:,} messages between two processes: each once, in order")


@pytest.mark.parametrize("together", [1, 7, 100])
def test_a_killed_agent_loses_at_most_one_datagram(
    spawn: Spawn, held: socket.socket, together: int
) -> None:
    one = spawn("worker", 1)
    got: list[int] = []
    agent = spawn("agent", 0, held)
    one.tell("flood", "n", 1000, together)
    for number in (100, 50, 1, 1):
        got += [agent.until("heard", "n")[2] for _ in range(number)]
        got += [event[2] for event in agent.kill() if event[:2] == ["heard", "n"]]
        agent = spawn("agent", 0, held)
    one.tell("send_to_agent", "n", 1000)
    while got[-1] != 1000:
        got.append(agent.until("heard", "n")[2])
    gaps = [after - before - 1 for before, after in itertools.pairwise(got)]
    assert sum(gap > 0 for gap in gaps) <= 4
    assert min(gaps) == 0
    assert max(gaps) <= together


@pytest.mark.parametrize("to", ["agent", "worker"])
def test_the_end_of_a_receiver_ends_its_requests(
    spawn: Spawn, held: socket.socket, to: str
) -> None:
    agent, one, two = spawn("agent", 0, held), spawn("worker", 1), spawn("worker", 2)
    peer, options = (agent, {}) if to == "agent" else (two, {"slot": 2})
    one.tell("ask", "hang", 1, {**options, "timeout": 600})
    peer.until("asked", "hang")
    peer.kill()
    one.until("error", "hang", "NoPeerError")
    spawn("agent", 0, held) if to == "agent" else spawn("worker", 2)
    one.tell("ask", "echo", 2, {**options, "timeout": 60})
    one.until("answer", "echo", 2)


def test_the_end_of_a_receiver_that_has_not_read_the_request(
    spawn: Spawn, held: socket.socket
) -> None:
    one, two = spawn("worker", 1), spawn("worker", 2)
    os.kill(two.pid, signal.SIGSTOP)
    one.tell("ask", "echo", 1, {"slot": 2, "timeout": 600})
    one.tell("ask", "echo", 3, {"slot": 1})
    one.until("answer", "echo", 3)
    two.kill()
    one.until("error", "echo", "NoPeerError")


def test_a_worker_is_asked_by_its_pid(spawn: Spawn, held: socket.socket) -> None:
    one, two = spawn("worker", 1), spawn("worker", 2)
    one.tell("ask", "echo", 1, {"to": str(two.pid), "timeout": 60})
    one.until("answer", "echo", 1)
    two.kill()
    two.process.wait()
    for _ in range(2):
        one.tell("ask", "echo", 1, {"to": two.pid, "timeout": 600})
        one.until("error", "echo", "NoPeerError")


def test_an_answer_arrives_although_its_process_has_ended(
    spawn: Spawn, held: socket.socket
) -> None:
    one = spawn("worker", 1)
    for number in range(3):
        two = spawn("worker", 2)
        one.tell("ask", "echo", number, {"slot": 2, "timeout": 60})
        one.until("answer", "echo", number)
        one.tell("ask", "exit", number, {"slot": 2, "timeout": 60})
        one.until("answer", "exit", number)
        two.process.wait()


def test_a_request_sent_before_a_restart_is_not_answered_by_the_next_process(
    spawn: Spawn, held: socket.socket
) -> None:
    agent, one = spawn("agent", 0, held), spawn("worker", 1)
    one.tell("ask", "echo", 1, {"timeout": 60})
    one.until("answer", "echo", 1)
    os.kill(agent.pid, signal.SIGSTOP)
    one.tell("ask", "echo", 2, {"timeout": 600})
    one.tell("ask", "echo", 3, {"slot": 1})
    one.until("answer", "echo", 3)
    agent.kill()
    one.until("error", "echo", "NoPeerError")
    spawn("agent", 0, held)
    one.tell("ask", "echo", 4, {"timeout": 60})
    assert one.until("answer", "echo")[2] == 4
