"""The outcome of a request that was not answered with a result, as an error and back."""

from __future__ import annotations

from eggd.errors import (
    HandlerFailedError,
    MessageTooLargeError,
    MessengerError,
    NoHandlerError,
    NoPeerError,
    OutboxFullError,
    RequestTimeoutError,
)
from eggd.wire.request import Outcome

_ERRORS: dict[str, type[MessengerError]] = {
    Outcome.NO_PEER: NoPeerError,
    Outcome.NO_HANDLER: NoHandlerError,
    Outcome.TIMEOUT: RequestTimeoutError,
    Outcome.TOO_LARGE: MessageTooLargeError,
    Outcome.BUSY: OutboxFullError,
}


def outcome_of(cls: type[MessengerError]) -> Outcome:
    """Returns the outcome that `error` turns into this class; FAILED for other classes."""
    return next((Outcome(each) for each, of in _ERRORS.items() if of is cls), Outcome.FAILED)


def error(name: str, outcome: str, type_name: str, text: str) -> MessengerError:
    """Returns the error of an outcome; `name` is that of the request.

    The text of NO_HANDLER is a hint.
    """
    cls = _ERRORS.get(outcome)
    if cls is NoHandlerError:
        return cls(f"{name}: no handler", hint=text)
    if cls is not None:
        return cls(f"{name}: {text}", hint="answer less" if cls is MessageTooLargeError else "")
    reason = f"{type_name}: {text}" if text else type_name
    return HandlerFailedError(f"{name}: {reason}", type_name=type_name, reason=text)
