"""The header fields of a request, decoded only when they are read, and each one once.

Clients often repeat all their fields with each request on a connection: then the same `Headers`
serves all of them (`Input.request`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from eggd.http.origin import Origin
from eggd.wire.trace import request_id_of, trace_of

_KEPT = 64
"""The most names whose value, or absence, is remembered."""


class Headers:
    """The fields of one head: names in any case, values as latin-1 text without outer blanks."""

    __slots__ = ("_lower", "_values", "lines", "origin")

    def __init__(self, lines: bytes) -> None:
        """Keeps `lines`; nothing is decoded yet."""
        self.lines = lines
        """The bytes from the end of the request line to the end of the head: each field stands
        between two CRLF, and one more CRLF ends them."""
        # The same in lower case, for the search for a name; made at the first one.
        self._lower = b""
        # The values that were read, None for some names that are not here.
        self._values: dict[bytes, str | None] = {}
        self.origin: Origin | None = None
        """The origin of the requests with these fields, None until `Exchange.read_origin`."""

    def get(self, name: str, default: str = "") -> str:
        """Returns the field's value, else `default`; several lines are joined by ", " (RFC 9110
        section 5.3), those of Cookie by "; " (RFC 9113 section 8.2.3)."""
        key = _line_start(name)
        values = self._values
        value = values.get(key)
        if value is None:
            if key in values:
                return default
            value = self._value(key)
            if len(values) < _KEPT:
                values[key] = value
        return default if value is None else value

    def request_id(self) -> str:
        """Returns a valid X-Request-Id, else the trace id of a valid `traceparent`, else ""."""
        lower = self._in_lower_case()
        if b"\r\nx-request-id:" in lower or b"\r\ntraceparent:" in lower:
            return request_id_of(self.get("x-request-id")) or trace_of(self.get("traceparent"))
        return ""

    def get_all(self, name: str) -> list[str]:
        """Returns every value of the field, one for each line, in the order sent."""
        return self._all_values(_line_start(name))

    def items(self) -> Iterator[tuple[str, str]]:
        """Yields (name as sent, value) for every field line."""
        for line in self.lines.decode("latin-1").split("\r\n")[1:-2]:
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

    def _value(self, key: bytes) -> str | None:
        lower = self._lower or self._in_lower_case()
        at = lower.find(key)
        if at < 0:
            return None
        start = at + len(key)
        if lower.find(key, start) >= 0:
            return ("; " if key == _COOKIE else ", ").join(self._all_values(key))
        end = lower.find(b"\r", start)
        return self.lines[start:end].strip(b" \t").decode("latin-1")

    def _all_values(self, key: bytes) -> list[str]:
        lower, values = self._in_lower_case(), []
        at = lower.find(key)
        while at >= 0:
            start = at + len(key)
            end = lower.find(b"\r", start)
            values.append(self.lines[start:end].strip(b" \t").decode("latin-1"))
            at = lower.find(key, end)
        return values

    def _in_lower_case(self) -> bytes:
        if not self._lower:
            self._lower = self.lines.lower()
        return self._lower

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        return self._in_lower_case().find(_line_start(name)) >= 0

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
