"""The service units of one suite."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch

from eggd.supervisor.launcher import Launcher
from eggd.supervisor.service import ACTIVE, INACTIVE, Host, Service


class Services:
    """The services by unit, each created when it is first named; between `open` and `close`."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._host: Host | None = None
        self._by_unit: dict[str, Service] = {}

    def __iter__(self) -> Iterator[Service]:
        return iter(self._by_unit.values())

    def __getitem__(self, unit: str) -> Service:
        if unit not in self._by_unit:
            assert self._host is not None, "the supervisor is not started"
            plan = self._launcher.plan(unit)
            self._by_unit[unit] = Service(plan, self._host, lambda: self._launcher.launch(plan))
        return self._by_unit[unit]

    @property
    def host(self) -> Host | None:
        """The parts that the services share; None while closed."""
        return self._host

    @property
    def pids(self) -> set[int]:
        """The processes that are reaped here: those of the services, and the guard."""
        guard = {self._host.guard.pid} if self._host else set()
        return guard | {service.pid for service in self}

    @property
    def waiting(self) -> str:
        """The services that are not ready, each with its status."""
        late = [each for each in self if each.state not in (INACTIVE, ACTIVE)]
        return "; ".join(f"{each.plan.unit}: {each.reason}" for each in late)

    @property
    def running(self) -> set[str]:
        """The units with a process, or with one to come."""
        return {each.plan.unit for each in self if each.state != INACTIVE}

    def matching(self, *patterns: str) -> list[Service]:
        """Returns the running services that match a unit name or pattern."""
        return [
            each
            for each in self
            if each.state != INACTIVE and any(fnmatch(each.plan.unit, one) for one in patterns)
        ]

    def open(self, host: Host) -> None:
        """Allows services to be created."""
        self._host = host

    def close(self) -> None:
        """Forgets the services, which must be down, and closes what they share."""
        if self._host is not None:
            self._host.listener.close()
            self._host.guard.close()
        self._by_unit.clear()
        self._host = None
