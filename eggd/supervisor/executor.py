"""Executes the requests of the suite's rules (`eggd.suite.requests`) with services."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from eggd.errors import BootError
from eggd.identityfile import agent_differs
from eggd.suite import requests
from eggd.suite.names import DEFAULT
from eggd.suite.requests import SUCCESS, Outcome, Request, Rule
from eggd.supervisor.enabled import EnabledWorkers
from eggd.supervisor.joint_start import start_together
from eggd.supervisor.merged_output import INFO, WARNING
from eggd.supervisor.services import Services


@dataclass(frozen=True, slots=True)
class Executor:
    """Executes the requests of one rule. `open` opens the sockets of the suite, `close` closes
    them."""

    services: Services
    enabled: EnabledWorkers
    say: Callable[[str, int], None]
    rundir: Path
    open: Callable[[], None]
    close: Callable[[], None]
    pids: dict[str, int] = field(default_factory=dict)
    """The process of each service that this rule has restarted or checked."""

    async def execute(self, request: Request) -> Outcome:
        """Executes one request."""
        match request:
            case requests.Say(text, warning):
                self.say(text, WARNING if warning else INFO)
            case requests.Start(units, retry):
                return await self._start(units, retry=retry)
            case requests.Restart(units):
                return await self._restart(units)
            case requests.Stop(units):
                await self._stop(*units)
            case requests.StopAll():
                await self._stop(DEFAULT.workers)
                await self._stop(DEFAULT.agent)
                self.close()
            case requests.Enable(units, on):
                slots = DEFAULT.slots(units)
                self.enabled.set(self.enabled.slots | slots if on else self.enabled.slots - slots)
            case requests.Wait(unit, seconds):
                await self.services[unit].stays_ready(seconds)
            case requests.Check(units):
                return self._replace(units)
            case requests.InspectAgent():
                return self._stale_agent()
        return SUCCESS

    async def _start(self, units: tuple[str, ...], *, retry: bool) -> Outcome:
        if units == DEFAULT.sockets:
            self.open()
            return SUCCESS
        return await start_together([self.services[unit] for unit in units], retry=retry)

    async def _restart(self, units: tuple[str, ...]) -> Outcome:
        for service in map(self.services.__getitem__, units):
            try:
                await service.restart()
            except BootError:
                return {service.plan.unit: service.failure}
            self.pids[service.plan.unit] = service.pid
        return SUCCESS

    async def _stop(self, *patterns: str) -> None:
        await asyncio.gather(*(each.stop() for each in self.services.matching(*patterns)))

    def _replace(self, units: tuple[str, ...]) -> Outcome:
        services = [self.services[unit] for unit in units]
        return {
            each.plan.unit: each.last_end
            for each in services
            if not each.ready or each.pid != self.pids.setdefault(each.plan.unit, each.pid)
        }

    def _stale_agent(self) -> Outcome:
        agent, spare = self.services[DEFAULT.agent], self.services[DEFAULT.spare]
        why = agent_differs(self.rundir, agent.pid, spare.pid)
        return {DEFAULT.agent: why} if why else SUCCESS


async def perform(rule: Rule, execute: Callable[[Request], Awaitable[Outcome]]) -> None:
    """Executes the requests of a rule as `eggd.suite.requests.perform` does."""
    try:
        request = next(rule)
        while True:
            try:
                outcome = await execute(request)
            except BaseException as exc:
                request = rule.throw(exc)
            else:
                request = rule.send(outcome)
    except StopIteration:
        return
