"""The names of one application on its host: units, user, directories and files.

The package's own application is called default; `eggd app add` gives each further one a name, and
with it units, a user and directories of its own:

    ""      egg.socket       egg-worker@.service       user eggd       /run/eggd ...
    "shop"  egg-shop.socket  egg-shop-worker@.service  user eggd-shop  /run/eggd-shop ...
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eggd.errors import ArgumentError
from eggd.suite.slots import LAST_SLOT, SPARE

VARIABLE = "EGG_APP"
"""The variable that names an application for a command; units set it for their processes."""

LONGEST_NAME = 24
"""Letters of a name, so that the user's name has fewer than 32 (useradd(8))."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_TITLE = "default"
_PARTS = ("agent", "master", "worker")
"""Ends of units' names: the listener of `x-agent` would be the inbox of `x`."""
_DIGITS = len(str(LAST_SLOT))


def application_name(text: str) -> str:
    """Returns a new application's name; raises ArgumentError if it cannot be one."""
    if not _NAME.fullmatch(text) or len(text) > LONGEST_NAME:
        raise ArgumentError(
            f"{text!r} cannot be the name of an application",
            hint=f"use lower-case letters, digits and single dashes, {LONGEST_NAME} at most",
        )
    if text == _TITLE or text.rpartition("-")[2] in _PARTS:
        reserved = ", ".join((_TITLE, *_PARTS))
        raise ArgumentError(
            f"{text!r} cannot be the name of an application: {reserved} are eggd's",
            hint="choose another name",
        )
    return text


@dataclass(frozen=True, slots=True)
class SuiteNames:
    """Every name that depends on the application."""

    app: str = ""
    """The name that `eggd app add` gave it; "" for the package's own application."""

    @classmethod
    def chosen(cls, environ: Mapping[str, str]) -> SuiteNames:
        """Returns the names of the application that EGG_APP names; `default` is the package's."""
        name = environ.get(VARIABLE, "")
        return cls("" if name == _TITLE else name)

    @property
    def title(self) -> str:
        """The name as commands show it: `default` for the package's own application."""
        return self.app or _TITLE

    @property
    def prefix(self) -> str:
        """The beginning of each unit's name."""
        return f"egg-{self.app}" if self.app else "egg"

    @property
    def user(self) -> str:
        """User and group of agent and workers (User=)."""
        return f"eggd-{self.app}" if self.app else "eggd"

    @property
    def master(self) -> str:
        """The unit that groups the suite."""
        return f"{self.prefix}-master.service"

    @property
    def agent(self) -> str:
        """The unit of the agent."""
        return f"{self.prefix}-agent.service"

    @property
    def listener(self) -> str:
        """The unit of the HTTP listener."""
        return f"{self.prefix}.socket"

    @property
    def inbox(self) -> str:
        """The unit of the agent's inbox."""
        return f"{self.prefix}-agent.socket"

    @property
    def sockets(self) -> tuple[str, str]:
        """Both socket units, in the order of their start."""
        return (self.listener, self.inbox)

    @property
    def template(self) -> str:
        """The unit file of all workers."""
        return f"{self.prefix}-worker@.service"

    @property
    def workers(self) -> str:
        """Pattern of every loaded worker."""
        return f"{self.prefix}-worker@*.service"

    @property
    def spare(self) -> str:
        """The worker that a reload starts first and stops last."""
        return self.worker(SPARE)

    @property
    def slice(self) -> str:
        """The slice of all processes, for limits; a dash would nest it (systemd.slice(5))."""
        return f"egg-{self.title.replace('-', '_')}.slice"

    @property
    def unit_files(self) -> tuple[str, ...]:
        """The names of all unit files."""
        return (self.master, self.listener, self.inbox, self.agent, self.template)

    def worker(self, slot: int) -> str:
        """Returns the unit of a worker."""
        return f"{self.prefix}-worker@{slot}.service"

    def workers_of(self, slots: Iterable[int]) -> tuple[str, ...]:
        """Returns the units of workers, by ascending slot."""
        return tuple(map(self.worker, sorted(slots)))

    def slot(self, unit: str) -> int | None:
        """Returns the slot in the name of a worker's unit; None for any other name."""
        before, after = self.template.split(".")
        text = unit.removeprefix(before).removesuffix(f".{after}")
        if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
            return None
        return int(text) if unit == self.worker(int(text)) else None

    def slots(self, units: Iterable[str]) -> set[int]:
        """Returns the slots of those units that are workers."""
        return {slot for unit in units if (slot := self.slot(unit)) is not None}

    def workers_among(self, units: Iterable[str]) -> tuple[str, ...]:
        """Returns the instances of the worker template among units, by ascending slot.

        Includes names without a slot, such as `egg-worker@x.service`: a start must report them.
        """
        instances = (each for each in units if each.startswith(f"{self.prefix}-worker@"))
        return tuple(sorted(instances, key=self.order))

    def order(self, unit: str) -> tuple[int, str]:
        """Returns a sort key: by ascending slot, then all other units by name."""
        slot = self.slot(unit)
        return (LAST_SLOT + 1 if slot is None else slot, unit)

    @property
    def runtime(self) -> str:
        """RuntimeDirectory= of agent and workers: sockets and status."""
        return f"/run/{self.user}"

    @property
    def lock_directory(self) -> str:
        """RuntimeDirectory= of the master; only root can take a lock in it."""
        return f"/run/{self.prefix}-master"

    @property
    def logs(self) -> str:
        """The directory of log files."""
        return f"/var/log/{self.user}"

    @property
    def state(self) -> str:
        """StateDirectory= of agent and workers: files that survive a reboot."""
        return f"/var/lib/{self.user}"

    @property
    def defaults(self) -> str:
        """EnvironmentFile= of agent and workers."""
        return f"/etc/default/{self.user}"

    @property
    def drop_ins(self) -> str:
        """The directory of the listener's drop-ins."""
        return f"/etc/systemd/system/{self.listener}.d"

    @property
    def wants(self) -> tuple[str, str]:
        """The folders in which `systemctl enable` (`--runtime`) links each enabled worker."""
        folder = f"{self.master}.wants"
        return f"/etc/systemd/system/{folder}", f"/run/systemd/system/{folder}"

    def command(self, words: str) -> str:
        """Returns the command line of an eggd command for this application, for hints."""
        return f"eggd --app {self.app} {words}" if self.app else f"eggd {words}"


DEFAULT = SuiteNames()
"""The package's own application, and the suite of every supervisor."""
