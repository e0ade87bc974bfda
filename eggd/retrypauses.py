"""The pauses between attempts to reach a server."""

from __future__ import annotations

import random


class RetryPauses:
    """Seconds to wait after each failure: they double up to a limit, until a success.

    Each is shortened at random, by half at most, so that many processes that have lost the same
    server do not all return at once.
    """

    def __init__(self, first: float, longest: float) -> None:
        """Begins with `first` seconds, and grows to `longest`."""
        self._first = first
        self._longest = longest
        # The last pause before its shortening; 0 after a success.
        self._last = 0.0

    @property
    def is_retrying(self) -> bool:
        """Whether the last attempt failed."""
        return self._last > 0

    def failure(self) -> float:
        """Takes a failure; returns the seconds to wait."""
        self._last = min(2 * self._last or self._first, self._longest)
        return self._last * random.uniform(0.5, 1)

    def success(self) -> None:
        """Takes a success: the next pause is the first one again."""
        self._last = 0.0
