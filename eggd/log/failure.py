"""Formats an exception for a log: type, message, stack, attributes and causes (LOG-30 to 35)."""

from __future__ import annotations

import json
import os
import re
import socket
import traceback
from collections.abc import Iterator

from eggd.errors import EggError, HintedError
from eggd.masking.known import without_known
from eggd.masking.redact import is_secret
from eggd.masking.secrets import without_secrets, words_of

_DEEPEST = 10
"""The most causes of causes that are shown, and the most errors of a group."""
_LONGEST = 10_000
"""The most characters that are shown of a text that a client may have supplied."""
_CARETS = re.compile(r"\n[ \t]*[~^][ ~^]*$", re.MULTILINE)
_CREDENTIALS = frozenset(("auth", "cookie", "cookies", "key", "session"))
"""Words in the name of an attribute whose value is hidden, too."""
_OF_LINE = ("message", "hint", "keys", "at")
"""Attributes of eggd's own errors that its line shows, or that find a place for it."""


def report(exc: BaseException) -> str:
    """Returns `exc` as text of several lines that ends with the process and the host."""
    lines = [*_block(exc, 0), f"pid: {os.getpid()}", f"hostname: {socket.gethostname()}", ""]
    return "\n".join(lines)


def headline(exc: BaseException) -> str:
    """Returns the first line: `python.<Type>: <message>`, or `framework.<Type>:` for our own."""
    kind = type(exc)
    if isinstance(exc, HintedError):
        return f"framework.{kind.__qualname__}: {_message(exc)}"
    module = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    return f"python.{module}{kind.__qualname__}: {_message(exc)}"


def _message(exc: BaseException) -> str:
    try:
        return _cut(str(exc)) or "no_message"
    except Exception:
        return "no_message"


def _block(exc: BaseException, depth: int) -> Iterator[str]:
    yield headline(exc)
    yield from _stack(exc)
    yield from _notes(exc)
    yield from _own_attributes(exc)
    for label, inner in _inner(exc):
        if depth >= _DEEPEST:
            yield f"{label}: too long cause chain"
            return
        first, *rest = _block(inner, depth + 1)
        yield f"{label}: {first}"
        yield from rest


def _stack(exc: BaseException) -> Iterator[str]:
    if isinstance(exc, SyntaxError):
        for text in traceback.format_exception_only(exc)[:-1]:
            yield _without_source_secrets(text)
    # An expected failure says all in its line: an operator needs no stack.
    if exc.__traceback__ is None or isinstance(exc, EggError):
        return
    yield "Traceback (most recent call last):"
    for text in traceback.format_tb(exc.__traceback__):
        yield _without_source_secrets(text)


def _without_source_secrets(text: str) -> str:
    """Returns a frame with its source lines, without secrets and without the last line break.

    The carets below a masked line would point at the wrong characters, so they are removed.
    """
    text = text.rstrip("\n")
    masked = _cut(text)
    return masked if masked == text else _CARETS.sub("", masked)


def _notes(exc: BaseException) -> Iterator[str]:
    notes = getattr(exc, "__notes__", ())
    if isinstance(notes, list | tuple):
        yield from (_cut(note) for note in notes if isinstance(note, str))


def _own_attributes(exc: BaseException) -> Iterator[str]:
    """Yields the public attributes of the exception, secrets hidden."""
    for key, value in _public(exc):
        if key.startswith("_") or (isinstance(exc, HintedError) and key in _OF_LINE):
            continue
        yield f"{key}: " + ("[hidden]" if _is_hidden(key) else _display(value))


def _public(exc: BaseException) -> list[tuple[str, object]]:
    """Returns the attributes of an exception, whose class may have a `__dict__` of its own."""
    try:
        return [(key, value) for key, value in vars(exc).items() if isinstance(key, str)]
    except Exception:
        return []


def _is_hidden(key: str) -> bool:
    return is_secret(key) or not _CREDENTIALS.isdisjoint(words_of(key))


def _display(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return value[:50].hex() + (f"...({len(value)})" if len(value) > 50 else "")
    try:
        text = json.dumps(value, ensure_ascii=False, default=_foreign)
    except (TypeError, ValueError, RecursionError):
        text = _foreign(value)
    return _cut(text)


def _cut(text: str) -> str:
    """Returns text without secrets, shortened for a log."""
    text = without_known(text)  # first: a part of a credential would not be recognised
    masked = without_secrets(text[:_LONGEST])
    return masked if len(text) <= _LONGEST else f"{masked}...({len(text)})"


def _foreign(value: object) -> str:
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
