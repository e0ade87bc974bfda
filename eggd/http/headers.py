"""The header fields of a request, decoded only when they are read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from eggd.http.head import MINOR, Head


class Headers:
    """The fields of one head: names in any case, values as latin-1 text without outer blanks."""

    __slots__ = ("_lines", "_lower")

    def __init__(self, head: Head) -> None:
        """Keeps the field lines of a head, each between two CRLF; nothing is decoded yet."""
        self._lines = head.string[head.end(MINOR) : head.end() - 2]
        # The same lines in lower case, for the search for a name.
        self._lower = self._lines.lower()

    def get(self, name: str, default: str = "") -> str:
        """Returns the field's value, else `default`; several lines are joined by ", " (RFC 9110
        section 5.3), those of Cookie by "; " (RFC 9113 section 8.2.3)."""
        key, lower = _line_start(name), self._lower
        at = lower.find(key)
        if at < 0:
            return default
        start = at + len(key)
        if lower.find(key, start) >= 0:
            return ("; " if key == _COOKIE else ", ").join(self.get_all(name))
        end = lower.find(b"\r", start)
        return self._lines[start:end].strip(b" \t").decode("latin-1")

    def get_all(self, name: str) -> list[str]:
        """Returns every value of the field, one for each line, in the order sent."""
        key = _line_start(name)
        values = []
        at = self._lower.find(key)
        while at >= 0:
            start = at + len(key)
            end = self._lines.find(b"\r", start)
            values.append(self._lines[start:end].strip(b" \t").decode("latin-1"))
            at = self._lower.find(key, end)
        return values

    def items(self) -> Iterator[tuple[str, str]]:
        """Yields (name as sent, value) for every field line."""
        for line in self._lines.decode("latin-1").split("\r\n")[1:-1]:
            name, _, value = line.partition(":")
            yield name, value.strip(" \t")

    def joined(self) -> list[tuple[str, str]]:
        """Returns all fields as `items` does, with all Cookie lines joined into one."""
        fields = list(self.items())
        lines = [number for number, (name, _) in enumerate(fields) if name.lower() == "cookie"]
        if len(lines) > 1:
            fields[lines[0]] = (fields[lines[0]][0], self.get("cookie"))
            return [each for number, each in enumerate(fields) if number not in lines[1:]]
        return fields

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        return self._lower.find(_line_start(name)) >= 0

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.items())

    def __len__(self) -> int:
        return sum(1 for _ in self.items())

    def __repr__(self) -> str:
        return f"Headers({sorted({name.lower() for name in self})})"


_COOKIE = b"\r\ncookie:"


@lru_cache(256)
def _line_start(name: str) -> bytes:
    """Returns the beginning of a field's line; cached, as applications read few names often."""
    return b"\r\n%b:" % name.lower().encode("latin-1", "replace")
