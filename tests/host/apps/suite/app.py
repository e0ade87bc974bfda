import asyncio
import os

from writing import write_lines

from eggd import Boot


class AppBoot(Boot):
    async def did_load(self):
        self.enough = asyncio.Event()
        self.app.messenger.on("write", self.write)
        self.app.messenger.on("enough", lambda data: self.enough.set())
        self.app.messenger.on("count", self.count)

    def write(self, data):
        self.enough.clear()
        self.app.run_in_background(lambda: write_lines(self.app, self.enough), "lines")

    def count(self, data):
        self.enough.clear()
        self.app.run_in_background(lambda: self.send(data["to"], data["pace"]), "numbers")

    async def send(self, last, pace):
        for number in range(1, last + 1):
            self.app.messenger.send_to_agent("number", f"{os.getpid()} {number}")
            await asyncio.sleep(pace)
            if self.enough.is_set():
                break
        self.app.core_logger.warning("counted to %d", number)
