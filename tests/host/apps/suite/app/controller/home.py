import asyncio
import os
import time

from eggd import Controller

LEAK: list[bytes] = []


class HomeController(Controller):
    async def pid(self):
        self.ctx.body = str(os.getpid())

    async def leak(self):
        """Keeps `bytes` bytes (8192) for ever."""
        LEAK.append(b"x" * int(self.ctx.query.get("bytes", 8192)))
        self.ctx.body = str(os.getpid())

    async def hang(self):
        time.sleep(60)  # noqa: ASYNC251 - blocks the event loop on purpose

    async def slow(self):
        await asyncio.sleep(float(self.ctx.query["seconds"]))
        self.ctx.body = str(os.getpid())

    async def count(self):
        """Has every worker send the agent the numbers 1 to `to`, `pace` seconds apart.

        They stop earlier when `/enough` is requested.
        """
        query = self.ctx.query
        message = {"to": int(query.get("to", 10**9)), "pace": float(query["pace"])}
        self.app.messenger.send_to_app("count", message)
        self.ctx.body = str(os.getpid())

    async def write(self):
        """Has every process of the suite write numbered lines to one log.

        They stop when `/enough` is requested (handlers: app.py, agent.py).
        """
        self.app.messenger.broadcast("write")
        self.ctx.body = str(os.getpid())

    async def enough(self):
        """Ends the writing that `write` began, and the sending that `count` began."""
        self.app.messenger.broadcast("enough")
        self.ctx.body = str(os.getpid())

    async def clock(self):
        """Sets the clock of the agent's timers to `to` (shifted_clock.py)."""
        self.app.messenger.send_to_agent("clock", self.ctx.query.get("to", ""))
        self.ctx.body = str(os.getpid())

    async def rotate(self):
        """Has the agent rotate the logs as it would in the night after the date `day`."""
        self.app.messenger.send_to_agent("rotate", self.ctx.query["day"])
        self.ctx.body = str(os.getpid())
