"""Errors of shared clients, and how an error of the leader crosses to a worker.

An error crosses as plain JSON, never as a pickle: the names of its class, its message, the plain
attributes and the formatted stack. The worker raises a `LeaderError` that also is of the error's
own class if the worker has that class: a built-in one, or one of a module that it has imported.
"""

from __future__ import annotations

import builtins
import json
import sys
import traceback
from types import BuiltinFunctionType
from typing import cast

from eggd import EggError, without_secrets

_LONGEST = 20_000
"""Characters of a message, of an attribute and of a stack that cross."""
_SHORTEST = 100
"""Characters of the names in an error that exceeds `messenger.max_size` (4 KiB or more)."""
_SUBCLASSES: dict[type[Exception], type[LeaderError]] = {}
"""The classes of errors by the class that this process has."""


class ClusterClientError(EggError):
    """Base of all errors of shared clients."""


class NoLeaderError(ClusterClientError):
    """Raised in a worker when the agent has no such client, or ends before it answers."""


class ClusterClientResponseTimeoutError(ClusterClientError):
    """Raised in a worker when a shared method takes longer than `response_timeout`."""


class LeaderError(ClusterClientError):
    """An error that the client in the agent raised; `str()` of it is the message there."""

    type: str = ""
    """The name of its class in the agent."""
    stack: str = ""
    """The stack in the agent, as text."""


def pack(error: BaseException) -> dict[str, object]:
    """Returns an error as JSON values (process:CC-7)."""
    hidden = {"stack", "type"}
    attributes = {
        name: value
        for name, value in vars(error).items()
        if not name.startswith("_") and name not in hidden and _is_plain(value)
    }
    if "code" not in attributes and _is_plain(code := getattr(error, "code", None)):
        attributes["code"] = code
    message = error.message if isinstance(error, EggError) else str(error)
    stack = "".join(traceback.format_exception(error))
    return {
        "module": type(error).__module__,
        "type": getattr(error, "type", "") or type(error).__qualname__,
        "message": without_secrets(message)[:_LONGEST],
        "attributes": attributes,
        "stack": without_secrets(stack)[-_LONGEST:],
    }


def shortened(packed: object) -> object:
    """Returns a packed error that fits any message: class and the beginning of its text."""
    if not isinstance(packed, dict):
        return packed
    names = {name: str(packed.get(name))[:_SHORTEST] for name in ("module", "type")}
    text = str(packed.get("message"))[: 4 * _SHORTEST]
    return {**names, "message": text, "attributes": {}, "stack": ""}


def unpack(packed: dict[str, object]) -> LeaderError:
    """Returns the error in this process; no code of its class runs.

    It is a plain LeaderError where the class needs more than a message.
    """
    name = str(packed.get("type"))
    try:
        return _filled(_class_of(str(packed.get("module")), name), name, packed)
    except (TypeError, AttributeError):
        return _filled(LeaderError, name, packed)


def _filled(cls: type[LeaderError], name: str, packed: dict[str, object]) -> LeaderError:
    message = str(packed.get("message"))
    # Only the function of a class in C is called: one in Python is code of the app.
    news = (vars(each).get("__new__") for each in cls.__mro__)
    new = next(each for each in news if isinstance(each, BuiltinFunctionType))
    error = cast("LeaderError", new(cls, message))
    error.args = (message,)
    error.message, error.hint = message, ""
    attributes = packed.get("attributes")
    if isinstance(attributes, dict):
        for key, value in attributes.items():
            vars(error).setdefault(str(key), value)
    error.type, error.stack = name, str(packed.get("stack", ""))
    return error


def _class_of(module: str, name: str) -> type[LeaderError]:
    """Returns a class that is a LeaderError and, if this process has it, the class itself."""
    known: object = builtins if module == "builtins" else sys.modules.get(module)
    for part in name.split("."):
        known = getattr(known, part, None)
    if not isinstance(known, type) or not issubclass(known, Exception):
        return LeaderError
    return known if issubclass(known, LeaderError) else _subclass(known)


def _subclass(known: type[Exception]) -> type[LeaderError]:
    """Returns a class of both; the same one for each error, so that a caller may compare them."""
    if known not in _SUBCLASSES:
        _SUBCLASSES[known] = _new_subclass(known)
    return _SUBCLASSES[known]


def _new_subclass(known: type[Exception]) -> type[LeaderError]:
    bases = (LeaderError,) if issubclass(LeaderError, known) else (LeaderError, known)
    try:
        return type(known.__name__, bases, {"__module__": known.__module__})
    except TypeError:  # its layout does not fit
        return LeaderError


def _is_plain(value: object) -> bool:
    try:
        return value is not None and len(json.dumps(value)) <= _LONGEST
    except (TypeError, ValueError, RecursionError):
        return False
