"""Header fields: those of a response, and the check of those that are sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from eggd.errors import ArgumentError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

FRAMING = frozenset(("transfer-encoding", "connection", "upgrade", "te"))
"""Fields that the client itself decides; of Content-Length, building.py decides."""


class ResponseHeaders(Mapping[str, str]):
    """The fields of a response by name in any case; repeated ones are joined by ", "."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        # Names in lower case, each with its values in order.
        self._fields: dict[str, list[str]] = {}
        for name, value in fields:
            self._fields.setdefault(name.lower(), []).append(value)

    def get_all(self, name: str) -> list[str]:
        """Returns every value of a field in order, such as those of Set-Cookie."""
        return list(self._fields.get(name.lower(), ()))

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._fields[name.lower()])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"ResponseHeaders({sorted(self._fields)})"


def parse_lines(lines: Iterable[bytes]) -> ResponseHeaders:
    """Returns the fields of the lines of a head; a folded line continues the one before."""
    fields: list[tuple[str, str]] = []
    for line in lines:
        text = line.decode("latin-1")
        if text[0] in " \t" and fields:
            name, value = fields.pop()
            fields.append((name, f"{value} {text.strip()}"))
            continue
        name, _, value = text.partition(":")
        fields.append((name.strip(), value.strip()))
    return ResponseHeaders(fields)


def checked_fields(fields: Mapping[str, object], option: str = "headers") -> dict[str, str]:
    """Returns the fields of a request by name in lower case (core:HTTP-4).

    None leaves a field out. Raises ArgumentError, which names `option`, for a name or value that
    would change the request around it, and for a field that the client decides itself.
    """
    checked: dict[str, str] = {}
    for name, value in fields.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ArgumentError(f"curl: headers: {name!r} is not a valid field name")
        lower = name.lower()
        if lower in FRAMING:
            raise ArgumentError(f"curl: headers: {name} is set by the client itself")
        if value is not None:
            checked[lower] = _checked_value(f"{option}: {name}", value)
    return checked


def _checked_value(place: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ArgumentError(f"curl: {place} must be text, not {type(value).__name__}")
    text = str(value).strip(" \t")
    if not _VALUE.fullmatch(text):
        raise ArgumentError(
            f"curl: {place} has a control character, or one that is not in Latin-1",
            hint="encode it",
        )
    return text
