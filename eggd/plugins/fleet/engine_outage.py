"""The outage of the engine, and the messages that were dropped in it."""

from __future__ import annotations

from typing import Protocol

from eggd import Logger, Outage, RetryPauses


class Clients(Protocol):
    """The clients of plugin redis, as far as an outage asks them."""

    def problem(self, name: str) -> str:
        """Returns why a client's server does not answer, or refuses commands; else ""."""
        ...

    def silence(self, name: str) -> str:
        """Returns why a client's server does not answer, "" while it does."""
        ...


class EngineOutage(Outage):
    """Whether the engine answers and takes messages; its end reports what was dropped meanwhile."""

    def __init__(self, client: str, log: Logger, clients: Clients) -> None:
        title = f"[egg-fleet] redis client {client!r}"
        super().__init__(title, lambda: log, effect="messages wait")
        self._client, self._clients = client, clients
        self._log = log
        # Whether the engine refuses what is written, such as a server without memory: it answers
        # reads meanwhile, which therefore do not end the outage.
        self._is_refusing = False
        self.dropped = 0
        """Messages of `most_once` that were dropped and not yet reported."""

    @property
    def text(self) -> str:
        """The state of the engine for errors: `redis client 'main': Connection refused`."""
        problem = self._clients.problem(self._client) or self.problem
        return f"redis client {self._client!r}: {problem or 'has not answered yet'}"

    def failure(self, reason: str | BaseException) -> bool:
        """Takes a failure; returns whether an outage begins with it."""
        self._is_refusing = not self._clients.silence(self._client)
        return super().failure(self._clients.problem(self._client) or reason)

    def written(self) -> bool:
        """Takes the answer to a write, which also ends the refusals; as `success`."""
        self._is_refusing = False
        return self.success()

    def success(self) -> bool:
        """Takes an answer; reports what was dropped before it."""
        if self._is_refusing:
            return False
        ends = super().success()
        if self.dropped:
            text = "[egg-fleet] %d messages of most_once were dropped: the engine did not take them"
            self._log.warning(text, self.dropped)
            self.dropped = 0
        return ends


def retry_pauses() -> RetryPauses:
    """Returns the pauses between attempts to reach the engine: up to 2 s."""
    return RetryPauses(0.2, 2.0)
