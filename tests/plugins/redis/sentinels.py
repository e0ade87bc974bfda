"""A master, a replica and three sentinels on free ports of this host."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from eggd.testing.redis_server import RedisServer
from tests.ports import free_ports
from tests.program import Program

AT_ONCE = ("--repl-diskless-sync-delay", "0")
"""A master sends its data when a replica asks, not seconds later."""


@dataclass
class Sentinels:
    """`servers` by port; the first is the master."""

    servers: dict[int, RedisServer]
    ports: list[int]

    @property
    def options(self) -> dict[str, object]:
        """The options of a client."""
        return {"sentinels": [f"127.0.0.1:{port}" for port in self.ports], "master": "shop"}

    def kill_master(self) -> None:
        """Kills the first server."""
        next(iter(self.servers.values())).stop()


@contextmanager
def sentinels(folder: Path, program: str = "") -> Iterator[Sentinels]:
    """Runs them, of `program` if it is given; the master counts as down after half a second."""
    first, second, *ports = free_ports(5)
    with ExitStack() as stack:
        master = stack.enter_context(RedisServer("--port", str(first), *AT_ONCE, program=program))
        options = ("--port", str(second), *AT_ONCE, "--replicaof", "127.0.0.1", str(first))
        replica = RedisServer(*options, program=program)
        stack.enter_context(replica)
        for port in ports:
            stack.enter_context(_sentinel(folder / f"{port}.conf", port, first, program))
        yield Sentinels({first: master, second: replica}, ports)


@contextmanager
def _sentinel(file: Path, port: int, master: int, program: str) -> Iterator[None]:
    settings = [
        f"port {port}",
        f"dir {file.parent}",
        f"sentinel monitor shop 127.0.0.1 {master} 1",
        "sentinel down-after-milliseconds shop 500",
        "sentinel failover-timeout shop 5000",
    ]
    file.write_text("\n".join(settings))
    command = [program or "redis-server", str(file), "--sentinel"]
    with Program(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = iter(process.stdout or ())
            assert any("+monitor" in line for line in lines), "the sentinel did not start"
            yield
        finally:
            process.kill()
