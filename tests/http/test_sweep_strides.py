"""Looking at many connections: all of them each tick, while others are served in between."""

from __future__ import annotations

import asyncio

from eggd.http.config import HttpConfig
from eggd.http.connection import Connection
from eggd.http.sweep import Sweep
from tests.http.fake import Client, summary, until

AT_ONCE = HttpConfig(keep_alive_timeout=0)


def rounds(clients: list[Client], config: HttpConfig) -> tuple[Sweep, set[Connection]]:
    """Returns rounds over the clients' connections; those that are closed leave, as in a server."""
    connections: set[Connection] = {client.connection for client in clients}
    for client in clients:
        client.shared.connections = connections
    return Sweep(config, connections, lambda: len(connections)), connections


async def test_every_connection_is_looked_at_and_rounds_end_with_the_last() -> None:
    clients = [Client(summary) for _ in range(700)]
    going, connections = rounds(clients, AT_ONCE)
    going.start()
    await until(lambda: not going.running)
    assert all(client.transport.closed for client in clients)
    assert not connections


async def test_the_loop_goes_on_in_the_middle_of_a_round() -> None:
    clients = [Client(summary) for _ in range(700)]
    going, _ = rounds(clients, AT_ONCE)
    going.start()
    await until(lambda: any(client.connection.watch for client in clients))
    assert not all(client.connection.watch for client in clients)
    going.stop()


async def test_who_left_in_the_middle_of_a_round_is_not_looked_at() -> None:
    clients = [Client(summary) for _ in range(700)]
    going, connections = rounds(clients, HttpConfig())
    going._begin()
    late = [client for client in clients if not client.connection.watch]
    for client in late:
        client.transport.close()
    await until(lambda: len(connections) == 700 - len(late))
    await asyncio.sleep(0)
    assert late
    assert not any(client.connection.watch for client in late)
    going.stop()


async def test_stopped_is_stopped() -> None:
    going, _ = rounds([Client(summary)], AT_ONCE)
    going.start()
    going.start()
    going.stop()
    going.stop()
    assert not going.running
