"""A clock of the agent's timers that a test may set: CLOCK_REALTIME belongs to the machine."""

import asyncio
import datetime
import time

TICK = 0.02


class ShiftedClock:
    """The machine's clocks, the wall clock `offset` seconds ahead."""

    def __init__(self, timers):
        self.offset = 0.0
        self._timers = timers
        timers.clock = self

    def __call__(self, clock):
        return time.clock_gettime(clock) + (self.offset if clock == time.CLOCK_REALTIME else 0)

    def set(self, text):
        """Sets the wall clock to a local time in ISO format; "" means the machine's."""
        moment = datetime.datetime.fromisoformat(text).timestamp() if text else time.time()
        self.offset = moment - time.time()
        self._timers.clock_was_set()
        self._timers.run_due()

    def run(self):
        """Runs what is due, 50 times a second: a timerfd knows the machine's clock only."""
        self._timers.run_due()
        asyncio.get_running_loop().call_later(TICK, self.run)
