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


def rate(limit: int, window: float, ticks: int) -> Rate:
    """Returns a limit for a clock with `ticks` a second."""
    interval = max(1, round(window * ticks / limit))
    return Rate(interval, interval * limit)


def count(full_at: int, now: int, interval: int, window: int) -> tuple[int, int]:
    """Returns the verdict on a request at `now` of a key with the number `full_at`.

    That is the key's new number, and the ticks until the request would be allowed: 0 if it is. The
    rate is given as two numbers, as this is called for every request.
    """
    # A number beyond the window is that of a clock which has been set back since.
    start = full_at if now < full_at <= now + window else now
    wait = start + interval - now - window
    return (start, wait) if wait > 0 else (start + interval, 0)
