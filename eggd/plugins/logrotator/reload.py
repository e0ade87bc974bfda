"""Has every process of the suite open its log files by their names again, and waits for it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from itertools import count

from eggd import Agent, MessengerError, Sender
from eggd.plugins.logrotator.reopening import RELOAD, RELOADED

ACKNOWLEDGE_WITHIN = 5.0
"""Seconds that a worker has to reopen its files and answer."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The processes that a `log-reload` was sent to."""

    reopened: int
    """The number of those that have opened their files again, the agent included."""
    silent: list[str]
    """The names of the ready ones that have not answered in time."""


class Reload:
    """Sends `log-reload` to all processes."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._ids = count(1)
        self._answers: dict[str, set[int]] = {}
        """The pids of the processes that answered each message still waited for."""
        self._news = asyncio.Event()
        """Set when an answer arrives, or a worker starts or ends."""
        agent.messenger.on(RELOADED, self._on_reloaded)
        agent.messenger.on_members(lambda _: self._news.set())

    async def __call__(self) -> Answers:
        """Returns when the agent and every ready worker have answered, or after 5 seconds; names
        the others in a warning (process:ROT-9)."""
        log, identity = self._agent.core_logger, str(next(self._ids))
        answers = self._answers[identity] = set()
        log.info("[logrotator] sent log-reload to all processes")
        try:
            self._agent.messenger.broadcast(RELOAD, {"id": identity})
            async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                while self._missing(answers):
                    self._news.clear()
                    await self._news.wait()
        except MessengerError as exc:
            log.error("[logrotator] cannot send log-reload: %s", exc.line)
        except TimeoutError:
            for name in self._missing(answers):
                log.warning("[logrotator] %s did not answer log-reload in time", name)
        finally:
            del self._answers[identity]
        return Answers(len(answers), self._missing(answers))

    def _missing(self, answers: set[int]) -> list[str]:
        """Returns the agent and the ready workers that have not answered.

        Other workers open the new files anyway.
        """
        agent = [] if os.getpid() in answers else ["the agent"]
        return agent + [
            f"worker {member.slot} (pid {member.pid})"
            for member in self._agent.messenger.members
            if member.state == "ready" and member.pid not in answers
        ]

    def _on_reloaded(self, data: object, sender: Sender) -> None:
        if isinstance(data, str) and data in self._answers:
            self._answers[data].add(sender.pid)
            self._news.set()
