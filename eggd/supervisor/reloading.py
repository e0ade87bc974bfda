"""The roll of a reload: a spare on the new code, then each worker in its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from eggd.errors import BootError
from eggd.supervisor.service import DEACTIVATING, INACTIVE, Service
from eggd.wire.identity import agent_differs
from eggd.wire.slots import AGENT, SPARE, Turn, roll, slot_of, unit_of


async def reload(
    services: Mapping[str, Service],
    service: Callable[[str], Service],
    say: Callable[[str], None],
    rundir: Path,
) -> None:
    """Replace the running workers one after the other, never with fewer than N ready.

    `services` are those there are by unit, `service` returns or makes one. Raises BootError as
    `Supervisor.reload` does.
    """
    plan = roll(_turns(services))
    spare = service(unit_of(SPARE))
    if plan.spare_first:
        say("reload: starting the spare on the new code")
        await _start_spare(spare)
        say("reload: the spare is ready")
    await _renew_agent(service(AGENT), spare, say, rundir)
    for done, slot in enumerate(plan.order):
        await _renew(service(unit_of(slot)), f"{done} of {len(plan.order)} workers are new")
        say(f"reload: {done + 1} of {len(plan.order)} workers are new")
    await spare.stop()
    say("reloaded")


async def _renew_agent(
    agent: Service, spare: Service, say: Callable[[str], None], rundir: Path
) -> None:
    """Replace an agent of another application than the spare's; its inbox is ours."""
    if why := agent_differs(rundir, agent.pid, spare.pid):
        say(f"reload: replacing the agent: {why}")
        await _renew(agent, "no worker was touched")


async def _start_spare(spare: Service) -> None:
    try:
        await spare.restart()
    except BootError as exc:
        await spare.stop()
        raise BootError(
            f"the new code does not start: {spare.failure}", hint="no worker was touched"
        ) from exc


async def _renew(service: Service, done: str) -> None:
    try:
        await service.restart()
    except BootError as exc:
        raise BootError(
            f"{service.plan.unit} did not come back: {service.failure}; {done}",
            hint=f"{unit_of(SPARE)} serves in its place; repair it and reload again",
        ) from exc


def _turns(services: Mapping[str, Service]) -> Iterator[Turn]:
    for unit, service in services.items():
        slot = slot_of(unit)
        if slot is not None:
            down = service.state not in (INACTIVE, DEACTIVATING) and not service.ready
            yield Turn(slot=slot, ready=service.ready, down=down)
