"""The syntax of EnvironmentFile= (systemd.exec(5)): text in, assignments with their lines out.

systemd silently drops a line that it cannot parse; here it is an error with its line. A line that
supported versions of systemd read differently is an error, too. Every state of the scanner is a
method that takes one character and returns the next state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eggd.wire.line_error import LineError

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NEWLINES = "\n\r"
_BLANKS = " \t" + _NEWLINES
_COMMENTS = "#;"
_ESCAPED_IN_DOUBLE_QUOTES = '"\\`$'


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One variable and the line of its key."""

    line: int
    key: str
    value: str


def parse(text: str) -> Iterator[Assignment]:
    """Yields the assignments of an environment file in order; LineError for a bad line."""
    scanner = _Scanner()
    line = 1
    for char in text:
        yield from scanner.feed(char, line)
        line += char == "\n"
    yield from scanner.finish(line)


State = Callable[[str], "State"]


class _Scanner:
    def __init__(self) -> None:
        self._done: list[Assignment] = []
        self._line = 1  # where the character in hand stands
        self._start = 1  # where the key, quote or comment in hand began
        self._quote_line = 1
        self._key = ""
        self._value = ""
        self._kept = 0  # length of the quoted part of the value, whose blanks stay
        self._state: State = self._before_key

    def feed(self, char: str, line: int) -> list[Assignment]:
        """Takes one character; returns what it completed."""
        self._line = line
        self._state = self._state(char)
        done, self._done = self._done, []
        return done

    def finish(self, line: int) -> list[Assignment]:
        """Takes the end of the file, which ends a line."""
        if self._state in (self._in_single, self._in_double, self._escaped_in_double):
            raise LineError(self._quote_line, "the quote that opens here is never closed")
        if self._state == self._escaped:
            self._state = self._in_value
        return self.feed("\n", line)

    def _before_key(self, char: str) -> State:
        if char in _BLANKS:
            return self._before_key
        self._start = self._line
        if char in _COMMENTS:
            return self._in_comment
        self._key = ""
        return self._in_key(char)

    def _in_key(self, char: str) -> State:
        if char in _NEWLINES:
            raise LineError(self._start, f"{self._key.strip()!r} is not an assignment (KEY=value)")
        if char != "=":
            self._key += char
            return self._in_key
        self._key = self._key.rstrip(_BLANKS)
        if not _KEY.fullmatch(self._key):
            raise LineError(self._start, f"{self._key!r} is not a valid name of a variable")
        self._value, self._kept = "", 0
        return self._before_value

    def _before_value(self, char: str) -> State:
        if char in _NEWLINES:
            return self._complete()
        if char in _BLANKS:
            return self._before_value
        if char in "'\"":
            self._quote_line = self._line
            return self._in_single if char == "'" else self._in_double
        return self._in_value(char)

    def _in_value(self, char: str) -> State:
        if char in _NEWLINES:
            return self._complete()
        if char == "\\":
            return self._escaped
        self._value += char
        return self._in_value

    def _escaped(self, char: str) -> State:
        if char not in _NEWLINES:  # an escaped end of line continues the value
            self._keep(char)
        return self._in_value

    def _in_single(self, char: str) -> State:
        if char == "'":
            return self._before_value
        self._keep(char)
        return self._in_single

    def _in_double(self, char: str) -> State:
        if char == '"':
            return self._before_value
        if char == "\\":
            return self._escaped_in_double
        self._keep(char)
        return self._in_double

    def _escaped_in_double(self, char: str) -> State:
        if char in _ESCAPED_IN_DOUBLE_QUOTES:
            self._keep(char)
        elif char != "\n":
            self._keep("\\" + char)
        return self._in_double

    def _in_comment(self, char: str) -> State:
        if char in _NEWLINES:
            return self._before_key
        return self._escaped_in_comment if char == "\\" else self._in_comment

    def _escaped_in_comment(self, char: str) -> State:
        if char in _NEWLINES:  # systemd before 254 takes the next line for comment, too
            raise LineError(self._start, "a comment must not end in a backslash")
        return self._in_comment(char)

    def _keep(self, text: str) -> None:
        self._value += text
        self._kept = len(self._value)

    def _complete(self) -> State:
        kept, free = self._value[: self._kept], self._value[self._kept :]
        value = kept + free.rstrip(_BLANKS)
        self._done.append(Assignment(line=self._start, key=self._key, value=value))
        return self._before_key
