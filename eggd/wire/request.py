"""Requests between eggd's processes and their answers, as messages: values in, values out.

    egg-request   [number, action, data]               the requester counts its requests
    egg-answer    [number, "ok", result]
                  [number, outcome, type, text]        see `Outcome`
    egg-cancel    number                               the requester does not wait any more
    egg-who       asks a process to send `egg-here`, because the kernel then shows its pid

Each carries the pid of its receiver, so that the next process in the same slot ignores it.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from eggd.wire import datagram

REQUEST, ANSWER, CANCEL = "egg-request", "egg-answer", "egg-cancel"
WHO, HERE = "egg-who", "egg-here"

LONGEST = 10_000
"""Characters of an error's text that an answer carries."""


class Outcome(enum.StrEnum):
    """The outcome of a request."""

    OK = "ok"
    FAILED = "failed"
    """The handler raised."""
    NO_HANDLER = "no-handler"
    TOO_LARGE = "too-large"
    """The answer exceeds `messenger.max_size`."""
    BUSY = "busy"
    """The receiver has too many requests, or the answer did not fit its outbox."""
    NO_PEER = "no-peer"
    """The receiver ended before the handler did; of another host: it is not there."""
    TIMEOUT = "timeout"
    """Another host has not answered in time."""


class Request(NamedTuple):
    """A request as its receiver reads it."""

    number: int
    action: str
    data: object


class Answer(NamedTuple):
    """An answer: its `result`, or the type and the text of an error."""

    number: int
    outcome: Outcome
    result: object = None
    type_name: str = ""
    text: str = ""


def encode_request(request: Request, to: int) -> bytes:
    """Returns a request as a message; raises MessengerError for data that JSON cannot hold."""
    return datagram.encode(REQUEST, request, to, name=request.action)


def encode_result(number: int, result: object, to: int, action: str) -> bytes:
    """Returns an answer without an error; raises MessengerError like `encode_request`."""
    return datagram.encode(ANSWER, [number, Outcome.OK, result], to, name=action)


def encode_error(number: int, outcome: Outcome, type_name: str, text: str, to: int) -> bytes:
    """Returns an answer with an error, whose text is cut to LONGEST characters."""
    return datagram.encode(ANSWER, [number, outcome, type_name[:LONGEST], text[:LONGEST]], to)


def encode_cancel(number: int, to: int) -> bytes:
    """Returns the message that cancels a request."""
    return datagram.encode(CANCEL, number, to)


def request(data: object) -> Request | None:
    """Returns the request in a message's data, or None if it is malformed."""
    match data:
        case [int(number), str(action), value]:
            return Request(number, action, value)
    return None


def answer(data: object) -> Answer | None:
    """Returns the answer in a message's data, or None if it is malformed."""
    match data:
        case [int(number), "ok", result]:
            return Answer(number, Outcome.OK, result)
        case [int(number), str(outcome), str(type_name), str(text)] if outcome in _ERRORS:
            return Answer(number, Outcome(outcome), None, type_name, text)
    return None


_ERRORS = frozenset(Outcome) - {Outcome.OK}
