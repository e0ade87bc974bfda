"""The outcome of a request to another host, as JSON between the agents: values and errors.

["ok", result] or [outcome, class of the error, text]
"""

from __future__ import annotations

import json
from collections.abc import Callable

from eggd.errors import (
    HandlerFailedError,
    MessageTooLargeError,
    MessengerError,
    NoHandlerError,
    NoPeerError,
    OutboxFullError,
    RequestTimeoutError,
)
from eggd.messenger.cluster_incoming import HostSender
from eggd.messenger.listeners import Data

_ERRORS: dict[str, type[MessengerError]] = {
    "no-peer": NoPeerError,
    "no-handler": NoHandlerError,
    "timeout": RequestTimeoutError,
    "too-large": MessageTooLargeError,
    "full": OutboxFullError,
}


def outcome_of(error: MessengerError) -> list[object]:
    """Returns an error as JSON."""
    if isinstance(error, HandlerFailedError):
        return ["failed", error.type_name, error.reason]
    for name, cls in _ERRORS.items():
        if isinstance(error, cls):
            return [name, "", error.message.partition(": ")[2] or error.message]
    return ["failed", type(error).__name__, error.message]


def result_of(name: str, answer: Data) -> Data:
    """Returns the result in an answer, or raises its error; `name` is that of the request."""
    outcome, *rest = answer
    if outcome == "ok":
        return rest[0]
    type_name, text = rest
    if (cls := _ERRORS.get(outcome)) is not None:
        raise cls(f"{name}: {text}")
    raise HandlerFailedError(
        f"{name}: {type_name}: {text}" if text else f"{name}: {type_name}",
        type_name=type_name,
        reason=text,
    )


def checked(handler: Callable[[Data, HostSender], object]) -> Callable[[Data], object]:
    """Returns a local handler of requests that calls one of requests of other hosts."""

    def answer(data: Data) -> object:
        text, host, role, slot = data
        return handler(json.loads(text), HostSender(host, role, slot))

    return answer
