import asyncio
import os

from eggd import Controller


class HomeController(Controller):
    async def pid(self):
        self.ctx.body = str(os.getpid())

    async def slow(self):
        await asyncio.sleep(float(self.ctx.query["seconds"]))
        self.ctx.body = str(os.getpid())

    async def number(self):
        """Send the agent messages FIRST to LAST, `pace` seconds apart."""
        first, last = int(self.ctx.query["first"]), int(self.ctx.query["last"])
        for number in range(first, last + 1):
            self.app.messenger.send_to_agent("number", f"{os.getpid()} {number}")
            await asyncio.sleep(float(self.ctx.query["pace"]))
        self.ctx.body = str(os.getpid())

    async def write(self):
        """Have every process of the suite write numbered lines to one log."""
        self.app.messenger.broadcast("write", {"lines": int(self.ctx.query["lines"])})
        self.ctx.body = str(os.getpid())

    async def rotate(self):
        """Have the agent rotate as on the night after `day`."""
        self.app.messenger.send_to_agent("rotate", self.ctx.query["day"])
        self.ctx.body = str(os.getpid())
