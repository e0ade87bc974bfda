"""Reports an outage of the server that hosts share once, not for every tick."""

from __future__ import annotations

from time import monotonic

from eggd import Logger


class Outage:
    """Whether the server is down, as far as its last answer tells; one object for all jobs."""

    def __init__(self, client: str, log: Logger) -> None:
        self._client = client
        self._log = log
        self._since: float | None = None

    def began(self, reason: str) -> None:
        """Logs the first failure after an answer."""
        if self._since is None:
            self._since = monotonic()
            text = "[egg-schedule] cluster jobs wait: redis client %r does not answer: %s"
            self._log.error(text, self._client, reason)

    def ended(self) -> None:
        """Logs the first answer after a failure."""
        if self._since is not None:
            seconds, self._since = monotonic() - self._since, None
            text = "[egg-schedule] cluster jobs go on: redis client %r answers after %.1f s"
            self._log.info(text, self._client, seconds)
