"""From the arguments of a call to the text of a line, and the time in front of it.

A line of a log file begins with its date, and nothing else may: control characters are shown
escaped, and where a message goes on with something that reads like a date it is indented. So no
text, whoever supplied it, can pass for a line that it is not.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from eggd.log.failure import report
from eggd.wire.terminal import visible

_FORGED = re.compile(r"\n(?=\d{4}-|<\d)")

_DATED = re.compile(r"\n(?=\d{4}-)")
_STACK = re.compile(r'\n  File "|\nhostname: ')
_PIECE = 12_000
"""Most characters of an entry: journald splits one above 48 KiB (LineMax=), and a `<N>` at the
beginning of the second part would set its priority."""

MILLISECONDS = tuple(f",{ms:03d} " for ms in range(1000))


class Clock:
    """The local date and time of lines, computed once a second."""

    __slots__ = ("second", "text")

    def __init__(self) -> None:
        self.second = -1
        self.text = ""

    def now(self) -> str:
        """Returns `YYYY-MM-DD HH:MM:SS,mmm ` of this moment, with the blank after it."""
        now = time.time()
        second = int(now)
        date = self.text if self.second == second else self.turn(second)
        return date + MILLISECONDS[int((now - second) * 1000)]

    def turn(self, second: int) -> str:
        """Returns `YYYY-MM-DD HH:MM:SS` of `second` and keeps it."""
        self.text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
        self.second = second
        return self.text


def clean(text: str) -> str:
    """Returns `text` such that it can be a line and no more; line breaks are kept."""
    text = visible(text)
    return _FORGED.sub("\n ", text) if "\n" in text else text


def one_line(text: str) -> str:
    """Returns `text` with its line breaks escaped, too."""
    return text if text.isprintable() else visible(text).replace("\n", "\\n")


def dated(text: str) -> list[str]:
    """Returns the entries of a log file's text: only the first line of an entry begins with a
    date."""
    return _DATED.split(text)


def entries(text: str) -> list[str]:
    """Returns the text of one call as lines for a journal.

    Each line is an entry there, so a line break in a text is escaped: text from a client cannot
    forge an entry. A text with a stack keeps its lines, indented from the second on; so does a line
    that a journal would split.
    """
    stacked = _STACK.search(text) is not None
    lines = filter(None, text.split("\n")) if stacked else [text.replace("\n", "\\n")]
    first, *rest = [piece for line in lines for piece in _pieces(line)] or [""]
    return [first, *(f"  {line}" for line in rest)] if first else []


def _pieces(line: str) -> list[str]:
    return [line[at : at + _PIECE] for at in range(0, len(line), _PIECE)]


def render(args: tuple[object, ...]) -> str:
    """Returns the message of a call: printf style, or the error if that is the first argument.

    Never raises for what it is given: arguments that do not fit are appended, as in LOG-22.
    """
    if not args:
        return ""
    message = args[0]
    if isinstance(message, BaseException):
        return report(message)
    text = message if type(message) is str else _shown(message)
    return text if len(args) == 1 else _filled(text, args[1:])


def _filled(text: str, args: tuple[object, ...]) -> str:
    try:
        return text % args
    except (TypeError, ValueError, KeyError):
        pass
    except Exception:  # a %s of an object whose __str__ fails
        return " ".join([text, *map(_shown, args)])
    try:
        if len(args) == 1 and isinstance(args[0], Mapping):
            return text % args[0]
    except (TypeError, ValueError, KeyError):
        pass
    return " ".join([text, *map(_shown, args)])


def _shown(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__} that cannot be shown>"
