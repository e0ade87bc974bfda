"""Sends values to one worker. A worker that is slow gets only the last ones."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Protocol

from eggd import Agent, MessengerError, OutboxFullError
from eggd.plugins.cluster_client.errors import pack, shortened
from eggd.plugins.cluster_client.protocol import TO_FOLLOWER, message

_RETRY = 0.2
"""Seconds between attempts while the queue for a worker is full."""


class Receiver(Protocol):
    """A subscriber of a leader: a worker, or the agent itself."""

    def push(self, key: str, text: str) -> None:
        """Takes a value; never waits, never raises."""
        ...


class WorkerReceiver:
    """The follower of one worker.

    Values go through the messenger's bounded queue. While that is full, only the last value of each
    key is kept, so that a worker that hangs costs no more memory and holds no other worker up.
    """

    def __init__(self, agent: Agent, pid: int, client: str) -> None:
        self._agent = agent
        self._pid = pid
        self._client = client
        # The last value of each key that could not be sent, in the order of their first.
        self._late: dict[str, str] = {}
        self._timer: asyncio.TimerHandle | None = None

    def push(self, key: str, text: str) -> None:
        """Sends a value, or keeps it in place of an older one that waits."""
        if self._late:
            self._late[key] = text
        elif not self._send(key, text):
            log = self._agent.core_logger
            log.warning(
                "[cluster_client] %s: worker %d is slow, and gets only the last value of each key",
                self._client,
                self._pid,
            )
            self._late[key] = text
            self._wait()

    def close(self) -> None:
        """Drops what waits: the worker has ended."""
        self._late.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _retry(self) -> None:
        self._timer = None
        while self._late:
            key = next(iter(self._late))
            if not self._send(key, self._late[key]):
                self._wait()
                return
            del self._late[key]

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_RETRY, self._retry)

    def _send(self, key: str, text: str) -> bool:
        """Returns False if the queue is full; of a value above `messenger.max_size` the worker gets
        the error."""
        messenger = self._agent.messenger
        try:
            messenger.send_to(
                self._pid, TO_FOLLOWER, message(self._client, "value", key=key, value=text)
            )
        except OutboxFullError:
            return False
        except MessengerError as exc:
            self._agent.core_logger.error("[cluster_client] %s: %s", self._client, exc.line)
            data = message(self._client, "refused", key=key, error=shortened(pack(exc)))
            with suppress(MessengerError):
                messenger.send_to(self._pid, TO_FOLLOWER, data)
        return True
