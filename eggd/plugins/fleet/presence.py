"""The hosts that run: each agent publishes its own every few seconds.

What an agent publishes has a random id. An agent that finds the id of another one in the place of
its own host shares its name with another machine: only a running agent can have replaced it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from uuid import uuid4

from eggd import Logger
from eggd.plugins.fleet.engine import HOST_AGE, Engine

PERIOD = 5.0
"""Seconds between two publications."""


class Presence:
    """Publishes this host, and keeps the last list of all hosts."""

    def __init__(
        self,
        engine: Engine,
        host: str,
        about: Callable[[], Mapping[str, object]],
        opened: asyncio.Event,
        published: Callable[[], object],
        log: Logger,
    ) -> None:
        """`opened` is set when this host reads messages; `published` is called after each
        publication."""
        self._engine = engine
        self._host = host
        self._about = about
        self._opened = opened
        self._published = published
        self._log = log
        self.hosts: list[dict[str, object]] = []
        """The hosts at the last publication, this one included, by name."""
        self.is_known = False
        """Whether the engine has answered since the start."""
        self._id = uuid4().hex
        """Of this agent; the next agent of this host has another one."""
        self._doubled_until = 0.0
        """Time (monotonic) until which the same name on another machine is known and logged."""

    @property
    def names(self) -> set[str]:
        """The names of the hosts."""
        return {str(each["host"]) for each in self.hosts}

    async def work(self) -> None:
        """Publishes, until this is cancelled."""
        await self._opened.wait()
        while True:
            try:
                await self.refresh()
            except Exception as exc:  # the reader reports the outage
                self._log.debug("[egg-fleet] not published: %s", exc)
            await asyncio.sleep(PERIOD)

    async def refresh(self) -> list[dict[str, object]]:
        """Publishes this host now; returns all hosts. Raises as the client."""
        about = {"host": self._host, "id": self._id, **self._about()}
        was_known = self.is_known  # before the call: answers may arrive in another order
        before, hosts = await self._engine.publish(self._host, about)
        self._published()
        if was_known and before not in ("", self._id):
            self._report_double()
        self.hosts = sorted(hosts, key=lambda each: str(each["host"]))
        self.is_known = True
        return self.hosts

    def _report_double(self) -> None:
        """Logs that another machine has the name of this one, once while both run."""
        is_known = monotonic() < self._doubled_until
        self._doubled_until = monotonic() + HOST_AGE + PERIOD
        if not is_known:
            text = "[egg-fleet] another machine is host %r, too: messages are lost or arrive twice"
            hint = "set cluster.host to another name on one of them, and restart it"
            self._log.error(f"{text} ({hint})", self._host)


def code_of(rundir: Path, slots: Iterable[int]) -> str:
    """Returns a digest of the app's code that the agent and the workers of these slots run.

    Each process has written the digest of the files that it has imported; "" without a digest.
    """
    files = [rundir / "agent.app", *(rundir / f"worker-{slot}.app" for slot in slots)]
    codes = sorted({code for file in files if (code := _code(file))})
    return blake2b(" ".join(codes).encode(), digest_size=8).hexdigest() if codes else ""


def _code(file: Path) -> str:
    with suppress(OSError, ValueError, TypeError, KeyError):
        return str(json.loads(file.read_text())["code"])
    return ""
