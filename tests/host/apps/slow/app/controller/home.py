import asyncio

from eggd import Controller


class HomeController(Controller):
    async def index(self):
        await asyncio.sleep(float(self.ctx.query.get("seconds", "0")))
        self.ctx.body = "ok"
