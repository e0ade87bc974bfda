"""The lifetime of a session: what an app may set, and when it is half over."""

from __future__ import annotations

from eggd import EggError
from eggd.plugins.session.section import LONGEST
from eggd.plugins.session.session import MaxAge


def checked_age(max_age: object) -> MaxAge:
    """Returns a lifetime that an app sets: seconds above 0, or "session" (process:SES-11)."""
    if max_age == "session":
        return "session"
    if isinstance(max_age, int | float) and not isinstance(max_age, bool):
        if 0 < max_age <= LONGEST:
            return float(max_age)
    raise EggError(
        f"ctx.session.max_age cannot be {max_age!r}",
        hint='seconds above 0, at most 400 days, or "session"',
    )


def is_half_over(expires: float | None, max_age: MaxAge, now: float) -> bool:
    """Returns whether less than half of the lifetime is left at `now` (seconds since the epoch).

    It never is for a session of the browser's own.
    """
    return max_age != "session" and expires is not None and expires - now < max_age / 2
