"""The generic cell rate algorithm (ITU-T I.371): one number for each key.

The number is the time at which the key has its whole quota again. A request moves it by `window /
limit`; the request is refused if it would be more than `window` ahead. So after a pause `limit`
requests pass at once, and then one each `window / limit` seconds: in any time t at most
`limit + t * limit / window`.
"""

from __future__ import annotations

from typing import NamedTuple

MOST = 1_000_000
"""The largest limit: the interval is then still above the resolution of the clocks."""


class Rate(NamedTuple):
    """A limit in the ticks of a clock."""

    interval: int
    """Ticks of one request: `window / limit`."""
    window: int
    """Ticks in which the whole quota becomes free."""


class Verdict(NamedTuple):
    """The count of one request, in ticks."""

    is_allowed: bool
    full_at: int
    """The key's number after this request."""
    wait: int
    """Ticks until a refused request would be allowed; 0 for an allowed one."""


def rate(limit: int, window: float, ticks: int) -> Rate:
    """Returns a limit for a clock with `ticks` a second."""
    interval = max(1, round(window * ticks / limit))
    return Rate(interval, interval * limit)


def count(full_at: int, now: int, each: Rate) -> Verdict:
    """Returns the verdict on a request at `now` of a key with the number `full_at`."""
    # A number beyond the window is that of a clock which has been set back since.
    start = full_at if now < full_at <= now + each.window else now
    end = start + each.interval
    wait = end - now - each.window
    return Verdict(False, start, wait) if wait > 0 else Verdict(True, end, 0)
