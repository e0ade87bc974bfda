"""Replaces a worker that has reached a limit: it asks the agent for a turn, drains, and exits.

    worker --request egg-recycle--> agent     at a tick of the watchdog, while a limit is reached
    worker <-- {"why": ""} --                 granted: it drains and exits; systemd starts it again

Nothing is counted here: the server has counted its requests already, and /proc/self/statm has the
memory. Without an answer of the agent a worker keeps serving, unless its memory is above the
ceiling: then waiting would end in the out-of-memory killer, which spares no request.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from eggd.app.cluster_config import RecycleConfig
from eggd.errors import MessengerError
from eggd.messenger import Messenger
from eggd.suite.recycle import Limits

TURN = "egg-recycle"
"""The action of a request for a turn."""

_PATIENCE = 5.0
"""Seconds to wait for the agent's answer."""

_STATM = Path("/proc/self/statm")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Recycling:
    """Watches the limits of this worker, and calls `end` once when it may be replaced."""

    def __init__(
        self, messenger: Messenger, log: Callable[[str, str], None], end: Callable[[], None]
    ) -> None:
        """Prepares; `log(level, text)` writes one line."""
        self._limits = Limits()
        self._messenger = messenger
        self._log = log
        self._end = end
        self._began = time.monotonic()
        # The request for a turn under way.
        self._asking: asyncio.Task[None] | None = None
        # The last reason for which no turn was granted, which is logged once.
        self._refusal = ""
        self.reason = ""
        """Why this worker ends, such as `recycled after 10,000 requests`; "" if it does not."""

    def start(self, config: RecycleConfig) -> None:
        """Sets the limits and begins to count the age, when the worker is ready.

        A memory limit that a fresh worker exceeds has no effect: it would be replaced for ever.
        """
        self._limits = own_limits(config)
        self._began = time.monotonic()
        if self._limits.memory and (fresh := resident()) >= self._limits.memory:
            self._log(
                "warning",
                f"cluster.recycle.max_memory is {config.max_memory >> 20} MiB, but a fresh worker"
                f" has {fresh >> 20} MiB: raise it; until then memory recycles no worker",
            )
            self._limits = replace(self._limits, memory=0)

    def check(self, requests: int) -> None:
        """Asks for a turn if a limit is reached; `requests` are those of this process."""
        if self._asking is not None or self.reason or not self._limits.exist:
            return
        memory = resident() if self._limits.memory else 0
        why = self._limits.reached(requests, time.monotonic() - self._began, memory)
        if why:
            self._asking = asyncio.get_running_loop().create_task(self._ask(why, memory))

    def cancel(self) -> None:
        """Asks for no turn any more."""
        self._limits = Limits()
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self, why: str, memory: int) -> None:
        try:
            refusal = await self._refused(memory)
        finally:
            self._asking = None
        if not refusal:
            self.reason = f"recycled {why}"
            self._log("info", f"this worker is {self.reason}")
            self._end()
        elif refusal != self._refusal:
            self._refusal = refusal
            self._log("info", f"this worker is to be recycled {why}; it waits: {refusal}")

    async def _refused(self, memory: int) -> str:
        """Returns why this worker must wait; "" if it may end."""
        try:
            answer = await self._messenger.request(TURN, timeout=_PATIENCE)
        except MessengerError:
            is_critical = self._limits.ceiling and memory >= self._limits.ceiling
            return "" if is_critical else "the agent does not answer"
        why = answer.get("why") if isinstance(answer, dict) else None
        return why if isinstance(why, str) else "the agent sent an invalid answer"


def own_limits(config: RecycleConfig) -> Limits:
    """Returns the limits of one worker, with its own jitter."""
    limits = Limits(
        requests=config.max_requests,
        age=config.max_age,
        memory=config.max_memory,
        ceiling=config.memory_ceiling or 2 * config.max_memory,
    )
    return limits.raised(random.uniform(0, config.jitter))


def resident() -> int:
    """Returns the resident memory of this process in bytes (proc(5)); 0 if it is not known."""
    try:
        return int(_STATM.read_bytes().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0
