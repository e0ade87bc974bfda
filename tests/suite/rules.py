"""Performs a rule of the suite with the outcomes of a table, and records its requests."""

from __future__ import annotations

from collections.abc import Mapping

from eggd.errors import EggError
from eggd.suite.requests import SUCCESS, Outcome, Request, Rule, perform


def play(
    rule: Rule, outcomes: Mapping[Request, Outcome | BaseException] | None = None
) -> tuple[list[Request], str]:
    """Returns the requests of a rule, and the line of its error or "".

    A request that `outcomes` does not name succeeds; an exception is raised by its request.
    """
    requests: list[Request] = []

    def execute(request: Request) -> Outcome:
        requests.append(request)
        outcome = (outcomes or {}).get(request, SUCCESS)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    try:
        perform(rule, execute)
    except (EggError, KeyboardInterrupt) as exc:
        return requests, str(exc)
    return requests, ""
