"""A burst of messages to an agent whose loop is blocked."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.cluster.clients import Client, Load

if TYPE_CHECKING:  # benchmarks/burst reads the app of this test without pytest
    from tests.cluster.conftest import Start

COUNT = 20_000
AGENT_BOOT = """
    import time

    from eggd import Agent, Boot


    class AgentBoot(Boot[Agent]):
        def did_load(self):
            self.numbers = []
            messenger = self.app.messenger
            messenger.on("block", lambda data: time.sleep(1))
            messenger.on("number", self.numbers.append)
            messenger.on_request("numbers", lambda data: self.numbers)
"""
ROUTER = f"""
    import asyncio


    async def burst(ctx):
        messenger = ctx.app.messenger
        messenger.send_to_agent("block")
        for number in range({COUNT}):
            messenger.send_to_agent("number", number)
            if number % 64 == 63:
                await asyncio.sleep(0)
        ctx.body = await messenger.request("numbers", timeout=60)


    async def hello(ctx):
        ctx.body = "hello"


    def router(app):
        app.router.get("/", hello)
        app.router.get("/burst", burst)
"""
FILES = {
    "app.py": "from eggd import Boot\n\n\nclass AppBoot(Boot): ...\n",
    "agent.py": AGENT_BOOT,
    "app/router.py": ROUTER,
}


def test_a_burst_to_a_blocked_agent(start: Start) -> None:
    """All 20,000 arrive once and in order, and HTTP requests go on (process:IPC-12)."""
    suite = start(workers=1, files=FILES)
    with Client(suite) as client, ThreadPoolExecutor() as pool, Load(suite, 2) as load:
        load.wait_for_answers(1)
        answer = pool.submit(client.get, "/burst")
        while not answer.done():
            load.wait_for_answers(1)
    assert json.loads(answer.result().body) == list(range(COUNT))
    assert (load.refused, load.wrong) == (0, [])
