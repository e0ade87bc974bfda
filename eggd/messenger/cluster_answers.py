"""The outcome of a request to another host, as JSON between the agents: values and errors.

["ok", result] or [outcome, class of the error, text]
"""

from __future__ import annotations

import json
from collections.abc import Callable

from eggd.errors import HandlerFailedError, MessengerError
from eggd.messenger.cluster_incoming import HostSender
from eggd.messenger.listeners import Data
from eggd.messenger.outcomes import error, outcome_of
from eggd.wire.request import Outcome


def refusal(cls: type[MessengerError], text: str) -> list[object]:
    """Returns the JSON that raises an error of this class in the process that asked."""
    return [outcome_of(cls), cls.__name__, text]


def failure(exc: MessengerError) -> list[object]:
    """Returns the error of a request within this host as JSON, without the name of that request."""
    if isinstance(exc, HandlerFailedError):
        return [Outcome.FAILED, exc.type_name, exc.reason]
    if (outcome := outcome_of(type(exc))) is Outcome.NO_HANDLER:
        return refusal(type(exc), "")  # its hint names actions of this host
    if outcome is Outcome.FAILED:
        return refusal(type(exc), exc.message)
    return refusal(type(exc), exc.message.partition(": ")[2] or exc.message)


def result_of(name: str, answer: Data) -> Data:
    """Returns the result in an answer, or raises its error; `name` is that of the request."""
    match answer:
        case [Outcome.OK, result]:
            return result
        case [str(outcome), str(type_name), str(text)]:
            raise error(name, outcome, type_name, text)
    raise MessengerError(f"{name}: malformed answer")


def checked(handler: Callable[[Data, HostSender], object]) -> Callable[[Data], object]:
    """Returns a local handler of requests that calls one of requests of other hosts."""

    def answer(data: Data) -> object:
        text, host, role, slot = data
        return handler(json.loads(text), HostSender(host, role, slot))

    return answer
