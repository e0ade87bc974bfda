"""A client of a cluster: a real node that serves all slots."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from eggd.testing.redis_server import RedisServer
from tests.plugins.redis.conftest import Lines, Opened
from tests.ports import free_ports


def test_a_cluster(opened: Opened, lines: Lines, tmp_path: Path) -> None:
    async def use(server: RedisServer, port: int) -> None:
        options = {"cluster": [f"127.0.0.1:{port}"], "timeout": 1}
        async with opened(plain={"url": server.url}, nodes=options) as redis:
            await redis.get("plain").execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            while (await redis.get("plain").cluster("INFO"))["cluster_state"] != "ok":
                pass
            await redis.connect()
            nodes = redis.cluster("nodes")
            assert await nodes.set("a", "Zoë")
            assert await nodes.get("a") == "Zoë"
            assert lines == []
            await asyncio.to_thread(server.stop)
            with pytest.raises(RedisError):
                await nodes.get("a")
            assert "client 'nodes' (cluster 127.0.0.1:" in lines[0]

    port, bus = free_ports(2)
    options = ("--port", str(port), "--cluster-enabled", "yes", "--cluster-port", str(bus))
    with RedisServer(*options) as server:
        asyncio.run(use(server, port))
