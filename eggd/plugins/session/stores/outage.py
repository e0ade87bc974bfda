"""Reports an outage of a store once, not for every request."""

from __future__ import annotations

from time import monotonic

from eggd import Logger


class Outage:
    """Whether a store is down, as far as its last answer tells."""

    def __init__(self, store: str, logger: Logger) -> None:
        self._store = store
        self._logger = logger
        self._since: float | None = None

    def began(self, reason: str) -> None:
        """Logs the first failure after a success."""
        if self._since is None:
            self._since = monotonic()
            self._logger.error(
                "[session] %s is down: %s (requests with a session get 503)", self._store, reason
            )

    def ended(self) -> None:
        """Logs the first success after a failure."""
        if self._since is not None:
            seconds = monotonic() - self._since
            self._since = None
            self._logger.info("[session] %s is back after %.1f s", self._store, seconds)
