"""The response to a request of a test."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Self


class Fields(Mapping[str, str]):
    """Header fields by case-insensitive name; the values of repeated ones are joined by ", "."""

    def __init__(self, lines: Iterable[tuple[str, str]]) -> None:
        self._lines = [(name.lower(), value) for name, value in lines]

    def all(self, name: str) -> list[str]:
        """Returns the values of all fields of a name, in order."""
        return [value for known, value in self._lines if known == name.lower()]

    def __getitem__(self, name: str) -> str:
        values = self.all(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.all(name))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for name, _ in self._lines))

    def __len__(self) -> int:
        return len({name for name, _ in self._lines})

    def __repr__(self) -> str:
        return repr(dict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete response."""

    request: str
    """Method and path of the request, for messages."""
    status: int
    """Its status code."""
    headers: Fields
    """Its header fields."""
    body: bytes = field(default=b"", repr=False)
    """Its content, without the transfer coding; empty if it is streamed."""

    @property
    def text(self) -> str:
        """The content as text, in the charset of Content-Type, else UTF-8."""
        kind = Message()
        kind["Content-Type"] = self.headers.get("content-type", "")
        return self.body.decode(str(kind.get_param("charset", "utf-8")))

    def json(self) -> Any:
        """Returns the decoded JSON; an AssertionError shows content that is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError as exc:
            raise AssertionError(
                f"{self.request}: the response is not JSON: {self.text!r}"
            ) from exc

    def expect(self, status: int) -> Self:
        """Returns itself if it has this status; an AssertionError shows the response."""
        if self.status != status:
            raise AssertionError(
                f"{self.request}: expected {status}, got {self.status}: {self.text[:500]!r}"
            )
        return self
