"""Answers the requests of `eggd logs rotate` and `eggd logs reopen`."""

from __future__ import annotations

import datetime as dt

from eggd import Agent, EggError
from eggd.plugins.logrotator.reload import Answers
from eggd.plugins.logrotator.rotator import Rotator

ROTATE, REOPEN = "logs-rotate", "logs-reopen"


def subscribe_commands(agent: Agent, rotator: Rotator) -> None:
    """Adds the handlers of both requests."""

    async def rotate(_: object) -> dict[str, object]:
        now = dt.datetime.fromtimestamp(agent.timers.wall_time())
        renamed, answers = await rotator.rotate_now(now)
        if not renamed:
            raise EggError(
                "nothing was rotated: each log file is empty or could not be renamed",
                hint="eggd logs --level error",
            )
        return {"renamed": [str(path) for path in renamed], **_record(answers)}

    async def reopen(_: object) -> dict[str, object]:
        return _record(await rotator.reopen())

    agent.messenger.on_request(ROTATE, rotate).on_request(REOPEN, reopen)


def _record(answers: Answers) -> dict[str, object]:
    return {"reopened": answers.reopened, "silent": answers.silent}
