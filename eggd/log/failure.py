"""Formats an exception for a log: type, message, stack, attributes and causes (LOG-30 to 35)."""

from __future__ import annotations

import json
import operator
import os
import re
import socket
import traceback
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import islice
from pathlib import PurePath
from uuid import UUID

from eggd.errors import EggError, HintedError
from eggd.log.stack import Frames
from eggd.masking.known import FORMS, without_known
from eggd.masking.redact import is_secret
from eggd.masking.secrets import without_secrets, words_of
from eggd.timelimit import limited

_DEEPEST = 10
"""The most causes of causes that are shown, and the most errors of a group."""
_MOST = 40
"""The most exceptions of a report: each of a group may be a group."""
_LONGEST = 10_000
"""The most characters that are shown of a text that a client may have supplied."""
_ROOM = 64_000
"""The most characters of a report, after which it ends with the next line."""
_ATTRIBUTES = 50
"""The most attributes and notes of an exception that are shown."""
_ITEMS = 1000
"""The most items of a set that are sorted."""
_CREDENTIALS = frozenset(("auth", "cookie", "cookies", "key", "session"))
"""Words in the name of an attribute whose value is hidden, too."""
_LOADED = "_eggd_units"
"""The beginning of the module names that the loader gives to files of an app (importer.py)."""
_PLAIN = (date, time, timedelta, Decimal, Fraction, PurePath, UUID, complex)
"""Classes whose values are shown as text: they hold nothing else."""
_PATIENCE = 0.05
"""Seconds for the `__str__` of an exception."""
_OF_LINE = ("message", "hint", "keys", "at")
"""Attributes of eggd's own errors that its line shows, or that find a place for it."""


def report(exc: BaseException) -> str:
    """Returns `exc` as text of several lines that ends with the process and the host.

    The text is limited whatever the exception holds, and its methods may raise. A `__str__` that
    does not return stops the process, as anywhere else: its watchdog ends it.
    """
    try:
        lines = _limited(_block(exc, "", 0, iter(range(_MOST))))
    except Exception as failure:  # of a property or a method of an app's own class
        kind = type(exc).__name__
        lines = [f"python.{kind}: no_message (its report fails: {type(failure).__name__})"]
    return "\n".join([*lines, f"pid: {os.getpid()}", f"hostname: {socket.gethostname()}", ""])


def _limited(lines: Iterator[str]) -> list[str]:
    """Returns the lines up to the limit of a report."""
    kept: list[str] = []
    room = _ROOM
    for line in lines:
        kept.append(line)
        room -= len(line)
        if room < 0:
            return [*kept, "...(the report is too long)"]
    return kept


def headline(exc: BaseException) -> str:
    """Returns the first line: `python.<Type>: <message>`, or `framework.<Type>:` for our own."""
    kind = type(exc)
    if isinstance(exc, HintedError):
        return f"framework.{kind.__qualname__}: {_message(exc)}"
    module = kind.__module__
    # The name that the loader invents for an app's file means nothing to a reader.
    known = module in ("builtins", "__main__") or module.startswith(_LOADED)
    module = "" if known else f"{module}."
    return f"python.{module}{kind.__qualname__}: {_message(exc)}"


def _message(exc: BaseException) -> str:
    """Returns the message; "no_message" if `__str__` of the app raises, or never returns."""
    try:
        return _cut(_text(exc)) or "no_message"
    except BaseException:
        return "no_message"


def _text(exc: BaseException) -> str:
    convert = type(exc).__str__
    if convert is HintedError.__str__ or not hasattr(convert, "__code__"):
        return str(exc)
    return limited(lambda: str(exc), _PATIENCE)


def _block(exc: BaseException, label: str, depth: int, left: Iterator[int]) -> Iterator[str]:
    """Yields the lines of an exception and of those behind it, until `left` is used up."""
    next(left, None)
    yield f"{label}{headline(exc)}"
    yield from _stack(exc)
    yield from _notes(exc)
    yield from _own_attributes(exc)
    for name, inner in _inner(exc):
        if depth >= _DEEPEST:
            yield f"{name}: too long cause chain"
            return
        if not operator.length_hint(left):
            yield f"{name}: too many exceptions"
            return
        yield from _block(inner, f"{name}: ", depth + 1, left)


def _stack(exc: BaseException) -> Iterator[str]:
    if isinstance(exc, SyntaxError):
        for text in traceback.format_exception_only(exc)[:-1]:
            yield _FRAMES.masked(text)
    # An expected failure says all in its line: an operator needs no stack.
    if exc.__traceback__ is None or isinstance(exc, EggError):
        return
    yield "Traceback (most recent call last):"
    yield from _FRAMES.lines(exc.__traceback__)


def _notes(exc: BaseException) -> Iterator[str]:
    notes = getattr(exc, "__notes__", ())
    if isinstance(notes, list | tuple):
        yield from (_cut(note) for note in notes[:_ATTRIBUTES] if isinstance(note, str))


def _own_attributes(exc: BaseException) -> Iterator[str]:
    """Yields the public attributes of the exception, secrets hidden."""
    for key, value in islice(_public(exc), _ATTRIBUTES):
        if key.startswith("_") or (isinstance(exc, HintedError) and key in _OF_LINE):
            continue
        yield f"{key}: " + ("[hidden]" if _is_hidden(key) else display(value))


def _public(exc: BaseException) -> Iterator[tuple[str, object]]:
    """Yields the attributes of an exception, whose class may have a `__dict__` of its own."""
    try:
        items = tuple(vars(exc).items())
    except Exception:
        return
    for key, value in items:
        if isinstance(key, str):
            yield key, value


def _is_hidden(key: str) -> bool:
    return is_secret(key) or not _CREDENTIALS.isdisjoint(words_of(key))


def display(value: object) -> str:
    """Returns a value as JSON without secrets, shortened; bytes as hexadecimal digits. It never
    raises."""
    if isinstance(value, bytes | bytearray):
        return value[:50].hex() + (f"...({len(value)})" if len(value) > 50 else "")
    try:
        text = _json(value)
    except Exception:
        text = f"<{type(value).__qualname__}>"
    return _cut(text)


def _json(value: object) -> str:
    """Returns a value as JSON; of a large one the beginning, which is longer than what is shown."""
    if value is None or isinstance(value, str | int | float):
        return json.dumps(value, ensure_ascii=False)
    return "".join(islice(_ENCODER.iterencode(value), _LONGEST + 1))


def _cut(text: str) -> str:
    """Returns text without secrets, shortened for a log."""
    if len(text) <= _LONGEST:
        return without_secrets(text)
    # A part of a credential would not be recognised, so known ones are masked before the cut.
    longest = len(FORMS[0]) if FORMS else 0
    room = _LONGEST + 2 * longest
    known = without_known(text[:room])
    head = known[: _LONGEST if len(text) <= room else min(_LONGEST, len(known) - longest)]
    return f"{without_secrets(head)}...({len(text)})"


def _foreign(value: object) -> object:
    """Returns a value that JSON cannot express, for `json.dumps`."""
    if isinstance(value, re.Pattern):
        return f"/{value.pattern!s}/"
    if isinstance(value, set | frozenset):
        return sorted(islice(value, _ITEMS), key=str)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, _PLAIN):
        return str(value)
    # The repr() of an unknown object may show secrets, or fail.
    return f"<{type(value).__qualname__}>"


def _inner(exc: BaseException) -> Iterator[tuple[str, BaseException]]:
    if exc.__cause__ is not None:
        yield "cause", exc.__cause__
    elif exc.__context__ is not None and not exc.__suppress_context__:
        yield "while handling", exc.__context__
    if isinstance(exc, BaseExceptionGroup):
        for number, each in enumerate(exc.exceptions[:_DEEPEST]):
            yield f"[error-{number}]", each


_FRAMES = Frames(_cut)
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_foreign)
