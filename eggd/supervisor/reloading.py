"""The roll of a reload: a spare on the new code, then each worker in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from eggd.errors import BootError
from eggd.suite.identity import agent_differs
from eggd.suite.slots import AGENT, SPARE, Turn, roll, slot_of, unit_of
from eggd.supervisor.service import DEACTIVATING, INACTIVE, Service

_AGAIN = "repair it and reload again"


class Reloading:
    """One reload.

    `services` has the existing services by unit, `service` returns or creates one. Each new process
    must stay ready for `min_ready` seconds (`eggd.suite.slots.roll`).
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        service: Callable[[str], Service],
        say: Callable[[str], None],
        rundir: Path,
        min_ready: float,
    ) -> None:
        self._plan = roll(_turns(services), min_ready)
        self._service = service
        self._say = say
        self._rundir = rundir
        self._spare = service(unit_of(SPARE))
        # The new process of each service, recorded when it became ready.
        self._pids: dict[Service, int] = {}
        self._done = 0

    async def run(self) -> None:
        """Replaces the running workers one after the other, always with N ready.

        Raises BootError as `Supervisor.reload` does.
        """
        order = self._plan.order
        if self._plan.spare_first:
            self._say("reload: starting the spare on the new code")
            await self._start_spare()
            self._say("reload: the spare is ready")
        self._pids[self._spare] = self._spare.pid
        await self._renew_agent()
        for slot in order:
            hint = f"{self._spare.plan.unit} serves in its place; {_AGAIN}"
            await self._renew(self._service(unit_of(slot)), hint)
            self._done += 1
            self._say(f"reload: {self._done} of {len(order)} workers are new")
        await self._spare.stop()
        self._say("reloaded")

    async def _renew_agent(self) -> None:
        """Replaces an agent that runs another application than the spare; its inbox stays open."""
        agent = self._service(AGENT)
        if why := agent_differs(self._rundir, agent.pid, self._spare.pid):
            self._say(f"reload: replacing the agent: {why}")
            hint = f"no worker was touched; {self._spare.plan.unit} serves, too: {_AGAIN}"
            await self._renew(agent, hint)

    async def _start_spare(self) -> None:
        spare, hint = self._spare, "no worker was touched"
        try:
            await spare.restart()
        except BootError as exc:
            await spare.stop()
            raise BootError(f"the new code does not start: {spare.failure}", hint=hint) from exc
        if not await spare.stays_ready(self._plan.pause):
            why = spare.reason
            await spare.stop()
            raise BootError(f"the new code does not stay ready: {why}", hint=hint)

    async def _renew(self, service: Service, hint: str) -> None:
        self._check()
        try:
            await service.restart()
        except BootError as exc:
            raise self._failure(service, f"did not come back: {service.failure}", hint) from exc
        self._pids[service] = service.pid
        await service.stays_ready(self._plan.pause)
        self._check()

    def _check(self) -> None:
        """Raises BootError unless each new process is still the one that became ready."""
        for service, pid in self._pids.items():
            if not service.ready or service.pid != pid:
                hint = f"the workers that were not restarted serve on; {_AGAIN}"
                raise self._failure(service, f"did not stay ready: {service.last_end}", hint)

    def _failure(self, service: Service, problem: str, hint: str) -> BootError:
        done = f"{self._done} of {len(self._plan.order)} workers are new"
        return BootError(f"{service.plan.unit} {problem}; {done}", hint=hint)


def _turns(services: Mapping[str, Service]) -> Iterator[Turn]:
    for unit, service in services.items():
        slot = slot_of(unit)
        if slot is not None:
            down = service.state not in (INACTIVE, DEACTIVATING) and not service.ready
            yield Turn(slot=slot, ready=service.ready, down=down)
