import asyncio
import datetime
import os

from shifted_clock import ShiftedClock
from writing import write_lines

from eggd import Boot

RECEIVED = "/var/lib/eggd/received"


class AgentBoot(Boot):
    def config_did_load(self):
        if "SHIFTED_CLOCK" in os.environ:
            self.clock = ShiftedClock(self.app.timers)
            self.app.messenger.on("clock", self.set_clock)

    async def did_ready(self, error=None):
        if "SHIFTED_CLOCK" in os.environ:
            self.clock.run()

    def set_clock(self, data):
        self.clock.set(data)
        self.app.core_logger.warning("clock set to %s", data or "the machine's")

    async def did_load(self):
        self.received = os.open(RECEIVED, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.app.messenger.on("number", self.number)
        self.enough = asyncio.Event()
        self.app.messenger.on("write", self.write)
        self.app.messenger.on("enough", lambda data: self.enough.set())
        self.app.messenger.on("rotate", self.rotate)

    def number(self, data):
        os.write(self.received, f"{data}\n".encode())

    def write(self, data):
        self.enough.clear()
        self.app.run_in_background(lambda: write_lines(self.app, self.enough), "lines")

    def rotate(self, data):
        night = datetime.datetime.fromisoformat(data) + datetime.timedelta(days=1, seconds=1)
        self.app.run_in_background(lambda: self.turn(night), "rotation")

    async def turn(self, night):
        files = await self.app.logrotator.rotate(night)
        self.app.core_logger.warning("rotated %d files", len(files))
