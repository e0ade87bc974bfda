"""Time limits, and ticks over many connections.

`Sweep.check` gets the time as an argument, so that no test waits for a limit.
"""

from __future__ import annotations

import asyncio

import pytest

from eggd.errors import HttpError
from eggd.http.config import HttpConfig
from eggd.http.connection import Connection
from eggd.http.sweep import Phase, Sweep, phase_of
from tests.http.fake import Client, summary, turn, until
from tests.http.test_exchange import GET, Keeper

CONFIG = HttpConfig(
    keep_alive_timeout=5, header_timeout=15, body_timeout=60, write_timeout=30, linger_timeout=2
)
LIMITED = HttpConfig(server_timeout=3)
AT_ONCE = HttpConfig(keep_alive_timeout=0)
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"


class Time:
    """A sweep once a second over one connection."""

    def __init__(self, client: Client, config: HttpConfig = CONFIG) -> None:
        self.client = client
        self.now = 100.0
        self.sweep = Sweep(config, (), int)

    def pass_by(self, seconds: int) -> None:
        for _ in range(seconds):
            if not self.client.transport.closed:
                self.sweep.check(self.client.connection, self.now)
            self.now += 1


@pytest.mark.parametrize(
    ("data", "phase"),
    [
        (b"", Phase.IDLE),
        (b"GET / HT", Phase.HEAD),
        (GET, Phase.HANDLER),
        (POST + b"\r\nhe", Phase.BODY),
        (POST + b"Expect: 100-continue\r\n\r\n", Phase.HANDLER),
        (POST + b"\r\nhello", Phase.HANDLER),
        (b"\n", Phase.LINGER),
    ],
)
async def test_phases(data: bytes, phase: Phase) -> None:
    client = Client(Keeper())
    if data:
        await client.send(data)
    assert phase_of(client.connection) is phase


async def test_an_idle_connection_is_closed_at_its_limit_and_not_before() -> None:
    client = Client(summary, CONFIG)
    time = Time(client)
    time.pass_by(3)
    await client.send(GET)
    time.pass_by(5)
    assert not client.transport.closed
    time.pass_by(1)
    assert client.transport.closed
    assert len(client.answers) == 1


async def test_a_dribbled_head_is_answered_408() -> None:
    client = Client(summary, CONFIG)
    time = Time(client)
    for byte in GET[:18]:
        await client.send(bytes([byte]))
        time.pass_by(1)
    assert [answer.status for answer in client.answers] == [408]
    assert client.done


async def test_the_limit_of_a_head_starts_anew_with_every_head() -> None:
    client = Client(summary, CONFIG)
    time = Time(client)
    for _ in range(4):
        await client.send(GET[:5])
        time.pass_by(10)
        await client.send(GET[5:] + GET[:5])
        time.pass_by(10)
        await client.send(GET[5:])
    assert [answer.status for answer in client.answers] == [200] * 8


async def test_a_body_that_stops_fails_its_reader() -> None:
    keeper = Keeper()
    client = Client(keeper, CONFIG)
    time = Time(client)
    await client.send(POST + b"\r\nhe")
    task = asyncio.ensure_future(keeper.last.body.read())
    await turn()
    time.pass_by(50)
    await client.send(b"l")
    time.pass_by(50)
    assert not task.done()
    time.pass_by(12)
    with pytest.raises(HttpError, match="the body did not arrive in time"):
        await task


async def test_a_handler_has_no_limit_by_default() -> None:
    keeper = Keeper()
    client = Client(keeper, CONFIG)
    await client.send(GET)
    Time(client).pass_by(1000)
    assert not client.transport.closed


async def test_a_handler_above_its_limit_loses_its_connection() -> None:
    # core:APP-10, process:CL-95
    keeper = Keeper()
    client = Client(keeper, LIMITED)
    time = Time(client, LIMITED)
    await client.send(GET)
    time.pass_by(3)
    assert not client.transport.closed
    time.pass_by(1)
    assert client.transport.aborted
    assert client.log == [("warn", "[http_server] A request `GET /p?q=1` timeout with client")]


async def test_a_started_answer_has_no_limit() -> None:
    """An event stream is not a slow handler (core:APP-10)."""
    keeper = Keeper()
    client = Client(keeper, LIMITED)
    time = Time(client, LIMITED)
    await client.send(GET)
    keeper.last.start(200, b"")
    time.pass_by(1000)
    assert not client.transport.closed


async def test_a_client_that_takes_nothing_is_dropped() -> None:
    keeper = Keeper()
    client = Client(keeper, CONFIG)
    time = Time(client)
    await client.send(GET)
    client.connection.pause_writing()
    for unsent in (30, 20):
        client.transport.stuck = unsent
        time.pass_by(29)
    assert not client.transport.closed
    time.pass_by(4)
    assert client.transport.aborted


async def test_lingering_has_a_limit() -> None:
    """Lingering ends after its limit; bytes of the client extend it only for a while."""
    client = Client(summary, CONFIG)
    time = Time(client)
    await client.send(b"\n")
    for _ in range(5):
        await client.send(b"x")
        time.pass_by(1)
    assert not client.transport.closed
    client.connection.flow._linger_until = 0
    for _ in range(4):
        await client.send(b"x")
        time.pass_by(1)
    assert client.transport.closed


@pytest.mark.parametrize(("limit", "tick"), [(0.5, 0.5), (90, 1), (0, 0.005)])
def test_the_tick_is_a_second_or_the_smallest_limit(limit: float, tick: float) -> None:
    assert Sweep(HttpConfig(keep_alive_timeout=limit), (), int).tick == tick


def sweep_of(clients: list[Client], config: HttpConfig) -> tuple[Sweep, set[Connection]]:
    """Returns a sweep of the clients' connections, and the set that a closed one leaves."""
    connections: set[Connection] = {client.connection for client in clients}
    for client in clients:
        client.shared.connections = connections
    return Sweep(config, connections, lambda: len(connections)), connections


async def test_a_tick_checks_every_connection_and_no_tick_follows_the_last() -> None:
    clients = [Client(summary) for _ in range(700)]
    sweep, connections = sweep_of(clients, AT_ONCE)
    sweep.start()
    await until(lambda: not sweep.running)
    assert all(client.transport.closed for client in clients)
    assert not connections


async def test_the_loop_serves_others_within_a_tick() -> None:
    clients = [Client(summary) for _ in range(700)]
    sweep, _ = sweep_of(clients, AT_ONCE)
    sweep.start()
    await until(lambda: any(client.connection.watch for client in clients))
    assert not all(client.connection.watch for client in clients)
    sweep.stop()


async def test_a_connection_lost_within_a_tick_is_not_checked() -> None:
    clients = [Client(summary) for _ in range(700)]
    sweep, connections = sweep_of(clients, HttpConfig())
    sweep._begin()
    late = [client for client in clients if not client.connection.watch]
    for client in late:
        client.transport.close()
    await until(lambda: len(connections) == 700 - len(late))
    await asyncio.sleep(0)
    assert late
    assert not any(client.connection.watch for client in late)
    sweep.stop()


async def test_a_stopped_sweep_does_not_run() -> None:
    sweep, _ = sweep_of([Client(summary)], AT_ONCE)
    sweep.start()
    sweep.start()
    sweep.stop()
    sweep.stop()
    assert not sweep.running
