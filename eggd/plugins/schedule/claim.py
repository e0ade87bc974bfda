"""`ctx.claim`: the claim of a tick, as the job that runs holds it."""

from __future__ import annotations

import math
import time


class Claim:
    """The right of this run to be the run of its tick, and the fencing token that proves it.

    A host that was paused or cut off may hold a job whose tick another host has run meanwhile. Give
    `token` with each change to the resource, which refuses a token less than the greatest it has
    seen: then the effect of an outdated run is refused wherever its host hangs.
    """

    def __init__(self, token: int, tick: float, deadline: float = math.inf) -> None:
        self.token = token
        """A whole number, greater than that of every earlier run of the job on any host."""
        self.tick = tick
        """The planned Unix time of the run, the same on every host."""
        self._deadline = deadline
        """Of CLOCK_BOOTTIME, which all processes of the host share, and which goes on while they
        are stopped or the machine is suspended."""

    @property
    def seconds_left(self) -> float:
        """The seconds that the claim certainly has; 0 when another host may have taken it over.

        The agent extends it while it reaches the server; a run by hand has no limit (infinity).
        """
        return max(0.0, self._deadline - boot_time())

    @property
    def is_valid(self) -> bool:
        """Whether no other host can have run or taken over this tick.

        A long job asks this between its steps. True does not outlast the answer; what must never
        happen twice is refused by the resource, by the token.
        """
        return self.seconds_left > 0

    def extend(self, deadline: float) -> None:
        """Sets a new end, of CLOCK_BOOTTIME; called by the runner."""
        self._deadline = deadline


def boot_time() -> float:
    """Returns the seconds since the machine has booted."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def by_hand() -> Claim:
    """Returns the claim of a run that no tick started: its token is the time in units of 100 us, as
    those of the server."""
    now = time.time()
    return Claim(int(now * 10_000), now)
