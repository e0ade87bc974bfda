"""Parses unit files: the part of systemd.syntax(7) that eggd's own units use.

Each error names its line. This module knows the syntax only, not which directives exist.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from eggd.wire.line_error import LineError

_LAST_EOL = re.compile(r"(?:\r\n?|\n)\Z")
_EOL = re.compile(r"\r\n?|\n")
"""The line ends of systemd; a form feed or U+2028 is an ordinary character."""
_SECTION = re.compile(r"\[([A-Za-z0-9 -]+)\]")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)\s*")
_SPECIFIER = re.compile(r"%(.?)", re.DOTALL)
_UNITS = {
    **dict.fromkeys(("us", "usec"), 1e-6),
    **dict.fromkeys(("ms", "msec"), 1e-3),
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
}
_BOOLEANS = {
    **dict.fromkeys(("1", "yes", "y", "true", "t", "on"), True),
    **dict.fromkeys(("0", "no", "n", "false", "f", "off"), False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One assignment `key=value` of a section, and the line of its key."""

    line: int
    section: str
    key: str
    value: str

    @property
    def name(self) -> str:
        """The directive in documentation's form: `[Service] Restart=`."""
        return f"[{self.section}] {self.key}="

    def boolean(self) -> bool:
        """Returns the value of a boolean; raises LineError for anything else."""
        value = _BOOLEANS.get(self.value.lower())
        if value is None:
            raise self.error("yes or no")
        return value

    def number(self) -> int:
        """Returns an integer from 0 to 999999999; raises LineError for anything else."""
        if not (self.value.isascii() and self.value.isdecimal() and len(self.value) < 10):
            raise self.error("a number")
        return int(self.value)

    def mode(self) -> int:
        """Returns an octal file mode; raises LineError for anything else."""
        if not re.fullmatch(r"[0-7]{3,4}", self.value):
            raise self.error("a file mode such as 0644")
        return int(self.value, 8)

    def seconds(self) -> float:
        """Returns a time span in seconds, math.inf for `infinity`; raises LineError."""
        if self.value == "infinity":
            return math.inf
        parts = _SPAN.findall(self.value)
        known = all(unit in _UNITS for _, unit in parts)
        if not parts or not known or _SPAN.sub("", self.value):
            raise self.error("a time span such as 5, 500ms or 1min 30s")
        return sum(float(number) * _UNITS[unit] for number, unit in parts)

    def words(self) -> list[str]:
        """Returns the words without quotes; raises LineError for an open quote."""
        try:
            return shlex.split(self.value)
        except ValueError as exc:
            raise LineError(self.line, f"{self.name}{self.value}: {exc}") from exc

    def error(self, expected: str) -> LineError:
        """Returns the error for a value that is not `expected`."""
        return LineError(self.line, f"{self.name} must be {expected}, not {self.value!r}")


def parse(text: str, instance: str | None = "") -> Iterator[Directive]:
    """Yields the directives in order, `%i` replaced by `instance`. Raises LineError.

    Specifiers other than `%i` and `%%` are an error: only systemd can expand them. They all stay in
    the values if `instance` is None.
    """
    section = ""
    for number, line in _lines(text):
        if match := _SECTION.fullmatch(line):
            section = match[1]
            continue
        key, sign, value = line.partition("=")
        key = key.strip()
        if not sign or not _KEY.fullmatch(key):
            raise LineError(number, f"{line!r} is not an assignment (Key=value)")
        if not section:
            raise LineError(number, f"{key}= stands before any [Section]")
        value = value.strip() if instance is None else _expand(value.strip(), instance, number)
        yield Directive(line=number, section=section, key=key, value=value)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yields each logical line with the number of its first physical line."""
    first, joined = 0, ""
    for number, line in enumerate(_EOL.split(_LAST_EOL.sub("", text)), 1):
        stripped = line.strip()
        if stripped.startswith(("#", ";")) or not (stripped or joined):
            continue
        first = first if joined else number
        if stripped.endswith("\\"):
            joined += stripped[:-1] + " "
            continue
        yield first, joined + stripped
        joined = ""
    if joined:
        raise LineError(first, "the last line ends with a backslash")


def _expand(value: str, instance: str, line: int) -> str:
    def replaced(match: re.Match[str]) -> str:
        if match[1] == "i":
            return instance
        if match[1] == "%":
            return "%"
        raise LineError(line, f"{match[0]!r}: only %i and %% are expanded")

    return _SPECIFIER.sub(replaced, value)
