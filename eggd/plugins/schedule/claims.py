"""Claims of ticks on a Redis or Valkey server: of all hosts, one runs a tick.

A claim ends at its time unless the host that has it extends it. The server decides by its own
clock; hosts only give the planned time of a tick, by which they agree on it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from eggd.plugins.schedule.claim_scripts import CLAIM, EXTEND, FINISH, GIVE_BACK, REVIEW, RUNS
from eggd.plugins.schedule.job import Job


class Engine(Protocol):
    """A client of the plugin redis, as far as claims use it."""

    def eval(self, script: str, numkeys: int, *keys_and_args: str | int) -> Awaitable[object]:
        """Runs a Lua script on the server."""
        ...


@dataclass(frozen=True, slots=True)
class Open:
    """A claim that has not ended."""

    kind: str
    """`open`; `expired`: another host may take it over; `lost`: it has just been failed."""
    tick: int
    """Unix time of the tick."""
    left: float
    """Seconds until it expires."""
    host: str
    """The host that has it."""


class Claims:
    """The claims of one host. Every method raises as the client if the server does not answer."""

    def __init__(
        self, engine: Engine, prefix: str, host: str, answered: Callable[[], object] = bool
    ) -> None:
        """`prefix` begins the keys of the application: its name and environment.

        `answered` is called after each answer of the server.
        """
        self._engine = engine
        self._answered = answered
        self._prefix = prefix
        self.host = host
        """The name of this host in claims and runs."""

    async def claim(self, job: Job, tick: int, request: str) -> tuple[str, int, int]:
        """Claims a tick; returns the outcome, the token, and how many other claims are open.

        The outcome is `granted`, `open` (another host runs it), `done` (it is over), `busy` (an
        earlier run goes on, and `overlap` is `skip`) or `spent` (it was claimed too often). A
        repeated `request` has the same outcome.
        """
        options = job.options
        args = (tick, request, self.host, _ms(options.takeover), options.at, options.overlap)
        outcome, token, others = await self._run(CLAIM, job, *args)
        return str(outcome), _whole(token), _whole(others)

    async def extend(self, job: Job, tick: int, token: int) -> bool:
        """Extends a claim; False if it is over or another host has taken it."""
        (held,) = await self._run(EXTEND, job, tick, token, _ms(job.options.takeover))
        return bool(held)

    async def finish(
        self, job: Job, tick: int, token: int, *, outcome: str, seconds: float
    ) -> bool:
        """Ends a claim and records the run; False if the claim was over before."""
        run = {"tick": tick, "token": token, "host": self.host, "outcome": outcome}
        text = json.dumps({**run, "seconds": round(seconds, 3)})
        (held,) = await self._run(FINISH, job, tick, token, text)
        return bool(held)

    async def give_back(self, job: Job, tick: int, token: int) -> None:
        """Ends the claim of a run that never began: it is not an attempt."""
        await self._run(GIVE_BACK, job, tick, token)

    async def review(self, job: Job) -> list[Open]:
        """Returns the claims that have not ended; in `most_once`, fails those whose time is up."""
        claims = await self._run(REVIEW, job, job.options.at)
        return [_open_of(*each) for each in claims if isinstance(each, list)]

    async def runs(self, job: Job, count: int) -> list[dict[str, object]]:
        """Returns the last runs on all hosts, newest first."""
        texts = await self._eval(RUNS, self._keys(job)[1:], count - 1)
        assert isinstance(texts, list)
        return [json.loads(text) for text in texts]

    async def _run(self, script: str, job: Job, *args: str | int) -> list[object]:
        text = await self._eval(script, self._keys(job), *args)
        assert isinstance(text, str | bytes)
        answer: list[object] = json.loads(text)
        return answer

    async def _eval(self, script: str, keys: list[str], *args: str | int) -> object:
        """Runs a script, also if the caller is cancelled: the connection stays in step."""
        command = self._engine.eval(script, len(keys), *keys, *args)
        answer = await asyncio.shield(asyncio.ensure_future(command))
        self._answered()
        return answer

    def _keys(self, job: Job) -> list[str]:
        """Returns both keys of a job; the braces keep them on one node of a Redis Cluster."""
        tag = f"eggd:schedule:{{{self._prefix}/{job.key}}}"
        return [f"{tag}:claims", f"{tag}:runs"]


def _open_of(kind: object, tick: object, left: object, host: object) -> Open:
    return Open(str(kind), _whole(tick), _whole(left) / 1000, str(host))


def _whole(value: object) -> int:
    """Returns a number of a script; Lua has only one type of them."""
    assert isinstance(value, int | float)
    return int(value)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
