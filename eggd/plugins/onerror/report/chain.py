"""An exception with its causes, contexts and groups, as a list: the one that was raised first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eggd import EggError, HttpError
from eggd.plugins.onerror.report.frames import Frames
from eggd.plugins.onerror.report.model import ExceptionFacts, Pair
from eggd.plugins.onerror.report.values import Values, text_of, type_name

MOST = 20
"""Exceptions of one report."""
_CAUSE = "Caused by"
_CONTEXT = "Raised while this was handled"
_MEMBER = "Error {number} of {count} in the group"
_MESSAGE = 4_000
_PLACE = re.compile(r"(/[^:\n]{1,1000}):(\d{1,7}): ")
"""The beginning of a message of eggd's about a line of a file."""
_KNOWN = ("message", "hint", "name_from", "status", "expose", "headers", "keys", "at")
"""Attributes that are not repeated: the report has them, or they are eggd's own."""


def chain_of(error: BaseException, frames: Frames, values: Values) -> list[ExceptionFacts]:
    """Returns the exception and all that belong to it, each once, MOST at most."""
    seen: set[int] = set()
    raised: list[ExceptionFacts] = []
    for relation, exc in _walk("", error, seen):
        raised.append(_raised(relation, exc, frames, values))
        if len(raised) >= MOST:
            break
    return raised


def _walk(
    relation: str, error: BaseException, seen: set[int]
) -> Iterator[tuple[str, BaseException]]:
    """Yields an exception, then its group's, then its cause or context; without recursion."""
    waiting = [(relation, error)]
    while waiting:
        relation, exc = waiting.pop(0)
        if id(exc) in seen:
            continue
        seen.add(id(exc))
        yield relation, exc
        following: list[tuple[str, BaseException]] = []
        if isinstance(exc, BaseExceptionGroup):
            count = len(exc.exceptions)
            following += [
                (_MEMBER.format(number=number, count=count), each)
                for number, each in enumerate(exc.exceptions[:MOST], 1)
            ]
        if exc.__cause__ is not None:
            following.append((_CAUSE, exc.__cause__))
        elif exc.__context__ is not None and not exc.__suppress_context__:
            following.append((_CONTEXT, exc.__context__))
        waiting[:0] = following


def _raised(relation: str, exc: BaseException, frames: Frames, values: Values) -> ExceptionFacts:
    calls, omitted = frames.of(exc.__traceback__)
    if place := _place(exc, frames):
        calls.append(frames.placed(*place))
    return ExceptionFacts(
        relation,
        type_name(exc),
        message_of(exc, values),
        _notes(exc, values),
        _attributes(exc, values),
        calls,
        omitted,
    )


def _place(exc: BaseException, frames: Frames) -> tuple[str, int, str] | None:
    """Returns file, line and a name of the place that an exception is about, such as a template."""
    if isinstance(exc, SyntaxError) and isinstance(exc.filename, str) and exc.lineno:
        return exc.filename, exc.lineno, "syntax error"
    if isinstance(exc, EggError) and isinstance(exc.message, str):
        match = _PLACE.match(exc.message)
        if match and frames.is_own(match[1]):
            return match[1], int(match[2]), "source" if match[1].endswith(".py") else "template"
    return None


def message_of(exc: BaseException, values: Values) -> str:
    """Returns the message of an exception, with the hint of one of eggd's."""
    if isinstance(exc, EggError | HttpError) and isinstance(exc.message, str):
        return text_of(exc.message, _MESSAGE)
    if isinstance(exc, SyntaxError) and isinstance(exc.msg, str):
        return text_of(exc.msg, _MESSAGE)
    return text_of(values.plain(exc), _MESSAGE)


def _notes(exc: BaseException, values: Values) -> list[str]:
    hint = exc.hint if isinstance(exc, EggError | HttpError) else ""
    try:
        notes = exc.__notes__
    except Exception:  # most have no notes; a class may have its own
        notes = []
    listed = notes[:20] if isinstance(notes, list) else []
    return [text_of(values.plain(note), _MESSAGE) for note in (*((hint,) if hint else ()), *listed)]


def _attributes(exc: BaseException, values: Values) -> list[Pair]:
    pairs = [(name, value) for name, value in own_of(exc) if name not in _KNOWN]
    return values.pairs(pairs, 20)


def own_of(exc: BaseException) -> list[tuple[str, object]]:
    """Returns the public attributes of an exception; [] if it does not let them be read."""
    try:
        own = list(vars(exc).items())
    except Exception:
        return []
    return [(name, value) for name, value in own if isinstance(name, str) and name[:1] != "_"]
