"""Reports an outage of the engine once, and what was dropped meanwhile."""

from __future__ import annotations

from time import monotonic

from eggd import Logger


class Outage:
    """Whether the engine is down, as far as its last answer tells."""

    def __init__(self, client: str, log: Logger) -> None:
        self._client = client
        self._log = log
        self._since: float | None = None
        self.dropped = 0
        """Messages of `most_once` that were dropped and not yet reported."""

    @property
    def is_on(self) -> bool:
        """Whether the engine is down."""
        return self._since is not None

    def began(self, reason: str) -> None:
        """Logs the first failure after an answer."""
        if self._since is None:
            self._since = monotonic()
            text = "[egg-fleet] messages wait: redis client %r does not answer: %s"
            self._log.error(text, self._client, reason)

    def ended(self) -> None:
        """Logs the first answer after a failure, and what was dropped."""
        if self._since is None and not self.dropped:
            return
        if self._since is not None:
            seconds = monotonic() - self._since
            text = "[egg-fleet] messages go on: redis client %r answers after %.1f s"
            self._log.info(text, self._client, seconds)
        if self.dropped:
            text = "[egg-fleet] %d messages of most_once were dropped: the engine did not take them"
            self._log.warning(text, self.dropped)
        self._since, self.dropped = None, 0
