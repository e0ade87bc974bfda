"""Formats the arguments of a call as the text of a line, and the time in front of it.

Only an entry of a log file may begin with a date: control characters are escaped, and a line of a
message that begins like a date is indented. So text from a client cannot forge an entry.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from math import floor

from eggd.log.failure import display, report
from eggd.wire.terminal import visible

_FORGED = re.compile(r"\n(?=\d{4}-|<\d)")

_DATED = re.compile(r"\n(?=\d{4}-)")
_STACK = re.compile(r'\n  File "|\nhostname: ')
_PLACE = re.compile(r"%(?:%|[-+#0]*\d*(?:\.\d+)?([sdifjoOxXeEgGrac]))")
"""The places of a text in printf style; those of Python, and `%j` and `%O` of Node."""
_PIECE = 12_000
"""The most characters of an entry: journald splits one above 48 KiB (LineMax=), and a `<N>` at the
beginning of the second part would set its priority."""

_MILLISECONDS = tuple(f",{ms:03d} " for ms in range(1000))


class LineClock:
    """The local date and time of lines, formatted once per millisecond."""

    __slots__ = ("_date", "_second", "end", "text")

    def __init__(self) -> None:
        self.end = 0.0
        """The seconds of `time.perf_counter()` from which on `text` is wrong: it never goes back,
        and a step of the system's clock is noticed a millisecond later."""
        self.text = ""
        """`YYYY-MM-DD HH:MM:SS,mmm `, with a blank at the end."""
        # The Unix time of `_date`; -1 at first.
        self._second = -1
        self._date = ""

    def now(self) -> str:
        """Returns the current time as `text`."""
        return self.turn(time.perf_counter())

    def turn(self, counter: float) -> str:
        """Returns the current time as `text`, and keeps it; `counter` is `time.perf_counter()`."""
        now = time.time()
        self.text = text = self.format(now)
        self.end = counter + (floor(now * 1000) + 1) / 1000 - now
        return text

    def format(self, moment: float) -> str:
        """Returns a Unix time as `text`."""
        second = floor(moment)
        if second != self._second:
            self._date = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
            self._second = second
        return self._date + _MILLISECONDS[floor((moment - second) * 1000)]


def clean(text: str) -> str:
    """Returns `text` escaped so that it cannot forge an entry; line breaks are kept."""
    text = visible(text)
    return _FORGED.sub("\n ", text) if "\n" in text else text


def one_line(text: str) -> str:
    """Returns `text` escaped, line breaks included."""
    return text if text.isprintable() else visible(text).replace("\n", "\\n")


def split_entries(text: str) -> list[str]:
    """Returns the entries of a log file's text, each of which begins with a date."""
    return _DATED.split(text)


def entries(text: str) -> list[str]:
    """Returns the text of one call as lines for the journal, in which each line is an entry.

    Line breaks are escaped: text from a client cannot forge an entry. A text with a stack keeps its
    lines, indented from the second on, as do the parts of a line that the journal would split.
    """
    stacked = _STACK.search(text) is not None
    lines = filter(None, text.split("\n")) if stacked else [text.replace("\n", "\\n")]
    first, *rest = [piece for line in lines for piece in _pieces(line)] or [""]
    return [first, *(f"  {line}" for line in rest)] if first else []


def _pieces(line: str) -> list[str]:
    return [line[at : at + _PIECE] for at in range(0, len(line), _PIECE)]


def render(args: tuple[object, ...]) -> str:
    """Returns the message of a call in printf style, or the report of an exception.

    Arguments without a place are appended, an exception among them with its report (process:LOG-22
    and LOG-30). It never raises.
    """
    if not args:
        return ""
    message = args[0]
    if isinstance(message, BaseException):
        return report(message)
    text = message if type(message) is str else _display(message)
    return text if len(args) == 1 else _fill(text, args[1:])


def _fill(text: str, args: tuple[object, ...]) -> str:
    try:
        return text % args
    except Exception:
        pass
    try:
        if len(args) == 1 and isinstance(args[0], Mapping):
            return text % args[0]
    except Exception:
        pass
    rest = iter(args)
    return _append(_PLACE.sub(lambda place: _placed(place, rest), text), rest)


def _placed(place: re.Match[str], rest: Iterator[object]) -> str:
    """Returns the next argument as its place asks; the place itself if it does not fit."""
    kind = place[1]
    if kind is None:
        return "%"
    try:
        value = next(rest)
    except StopIteration:
        return place[0]
    if kind == "j":
        return display(value)
    try:
        return place[0] % (value,)
    except Exception:
        return _display(value)


def _append(text: str, rest: Iterator[object]) -> str:
    errors = []
    for value in rest:
        if isinstance(value, BaseException):
            errors.append(report(value))
        else:
            text += f" {_display(value)}"
    return "\n".join([text, *errors])


def with_errors(text: str, args: tuple[object, ...]) -> str:
    """Returns the text of a call at ERROR with the report of each exception that has a place in it:
    `%s` shows the message alone. Its own message, if it is an exception, is reported already."""
    if len(args) < 2 or isinstance(args[0], BaseException):
        return text
    reports = [report(each) for each in args[1:] if isinstance(each, BaseException)]
    return "\n".join([text, *(each for each in reports if each not in text)])


def _display(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__} without a text>"
