"""The outage of the engine, and the messages that were dropped in it."""

from __future__ import annotations

from eggd import Logger, Outage, RetryPauses


class EngineOutage(Outage):
    """Whether the engine answers; its end reports what was dropped meanwhile."""

    def __init__(self, client: str, log: Logger) -> None:
        title = f"[egg-fleet] redis client {client!r}"
        super().__init__(title, lambda: log, effect="messages wait")
        self._log = log
        self.dropped = 0
        """Messages of `most_once` that were dropped and not yet reported."""

    def success(self) -> bool:
        """Takes an answer; reports what was dropped before it."""
        ends = super().success()
        if self.dropped:
            text = "[egg-fleet] %d messages of most_once were dropped: the engine did not take them"
            self._log.warning(text, self.dropped)
            self.dropped = 0
        return ends


def retry_pauses() -> RetryPauses:
    """Returns the pauses between attempts to reach the engine: up to 2 s."""
    return RetryPauses(0.2, 2.0)
