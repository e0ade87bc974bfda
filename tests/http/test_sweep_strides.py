"""A tick checks all connections, and the loop serves others in between."""

from __future__ import annotations

import asyncio

from eggd.http.config import HttpConfig
from eggd.http.connection import Connection
from eggd.http.sweep import Sweep
from tests.http.fake import Client, summary, until

AT_ONCE = HttpConfig(keep_alive_timeout=0)


def sweep_of(clients: list[Client], config: HttpConfig) -> tuple[Sweep, set[Connection]]:
    """Returns a sweep of the connections; a closed one leaves them, as in a server."""
    connections: set[Connection] = {client.connection for client in clients}
    for client in clients:
        client.shared.connections = connections
    return Sweep(config, connections, lambda: len(connections)), connections


async def test_every_connection_is_checked_and_ticks_end_with_the_last() -> None:
    clients = [Client(summary) for _ in range(700)]
    sweep, connections = sweep_of(clients, AT_ONCE)
    sweep.start()
    await until(lambda: not sweep.running)
    assert all(client.transport.closed for client in clients)
    assert not connections


async def test_the_loop_serves_within_a_tick() -> None:
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
