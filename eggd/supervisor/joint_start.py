"""Starts several services at once; the start has failed when the first of them fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from eggd.errors import BootError
from eggd.suite.requests import Outcome
from eggd.supervisor.service import Service

SHORTEST, LONGEST = 1.0, 5.0
"""Seconds to wait, after a failure, for services that still boot."""


async def start_together(services: Iterable[Service], *, retry: bool = False) -> Outcome:
    """Starts services at once and waits until all are ready; returns those that failed.

    Returns soon after the first failure: it waits for services that still boot as long again as
    that failure took (SHORTEST to LONGEST seconds), since processes that load the same code usually
    fail for the same reason. Failed services are stopped, or restarted as after a death (`retry`).
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    boots = {loop.create_task(_boot(each, retry)): each for each in services}
    try:
        if boots:
            _, late = await asyncio.wait(boots, return_when=asyncio.FIRST_EXCEPTION)
            if late:
                grace = min(max(loop.time() - began, SHORTEST), LONGEST)
                await asyncio.wait(late, timeout=grace)
    finally:
        for task in boots:
            task.cancel()
    return {each.plan.unit: each.failure for task, each in boots.items() if _failed(task)}


async def _boot(service: Service, retry: bool) -> None:
    try:
        await service.start()
    except BootError:
        if not retry:
            await service.stop()
        raise


def _failed(task: asyncio.Task[None]) -> bool:
    """Whether a boot ended with BootError; any other error is raised."""
    if not task.done() or task.cancelled():
        return False
    error = task.exception()
    if error is not None and not isinstance(error, BootError):
        raise error
    return error is not None
