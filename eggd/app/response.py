"""`Response`: what goes out, until it is rendered (core:RES-1..15).

`Context` keeps these fields in itself (it extends this class): one object per request.
"""

from __future__ import annotations

import html
import mimetypes
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from eggd.errors import EggError
from eggd.http import Exchange
from eggd.wire.negotiate import preferred

EMPTY = frozenset((204, 205, 304))
REDIRECTS = frozenset((300, 301, 302, 303, 305, 307, 308))

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

Fields = dict[str, tuple[str, list[str]]]
"""Lower-cased name -> (name as set, values)."""


class Response:
    """Status, fields and body of one response; 404 without a body until somebody says otherwise."""

    __slots__ = ("_body", "_explicit", "_fields", "_null", "_status", "exchange")

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._status = 404
        self._explicit = False
        self._null = False
        self._body: Any = None
        self._fields: Fields | None = None

    @property
    def status(self) -> int:
        """The status code; 404 until set or a body is (core:RES-1)."""
        return self._status

    @status.setter
    def status(self, status: int) -> None:
        if type(status) is not int or not 100 <= status <= 999:
            raise EggError(f"invalid status code: {status!r}", hint="a whole number, 100 to 999")
        self._status = status
        self._explicit = True
        if status in EMPTY:
            self._body = None

    @property
    def body(self) -> Any:
        """The body: None, str, bytes, an async iterator of bytes, or what JSON can say."""
        return self._body

    @body.setter
    def body(self, body: Any) -> None:
        self._body = body
        if body is None:
            self._clear_body()
        elif not self._explicit:
            self._status = 200
            self._explicit = True

    @property
    def type(self) -> str:
        """The media type that was set, "" while none is."""
        return self.get_field("content-type").partition(";")[0].strip()

    @type.setter
    def type(self, value: str) -> None:
        kind = _mime(value)
        if kind:
            self.set("Content-Type", kind)
        else:
            self.remove("Content-Type")

    def get_field(self, name: str) -> str:
        """Return a response field's value, "" where it is not set."""
        found = (self._fields or {}).get(name.lower())
        return ", ".join(found[1]) if found else ""

    def set(
        self, name: str | Mapping[str, object], value: object = "", *, append: bool = False
    ) -> None:
        """Set a field, or all of a mapping; a list sets one line each (core:RES-13).

        Raises EggError for a name or value that is not allowed on the wire (RFC 9110 section 5.5).
        """
        if not isinstance(name, str):
            for key, entry in name.items():
                self.set(key, entry)
            return
        values = [str(item) for item in (value if isinstance(value, list | tuple) else [value])]
        if not _NAME.fullmatch(name):
            raise EggError(f"invalid header name {name!r}")
        for item in values:
            if not _VALUE.fullmatch(item):
                raise EggError(f"invalid value of header {name}: {item!r}")
        if self._fields is None:
            self._fields = {}
        before = self._fields[name.lower()][1] if append and name.lower() in self._fields else []
        self._fields[name.lower()] = (name, before + values)

    def append(self, name: str, value: object) -> None:
        """Add a line to a field, keeping those that are there (core:RES-13)."""
        self.set(name, value, append=True)

    def remove(self, name: str) -> None:
        """Take a field out; nothing happens where it is not set."""
        if self._fields is not None:
            self._fields.pop(name.lower(), None)

    def redirect(self, url: str) -> None:
        """Answer 302 (or the redirect status already set) to `url` (core:RES-9)."""
        location = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
        self.set("Location", location)
        if self._status not in REDIRECTS:
            self.status = 302
        accept = self.exchange.headers.get("accept", "")
        if preferred(accept, ("text/html", "text/plain")) == "text/plain":
            self.set("Content-Type", "text/plain; charset=utf-8")
            self.body = f"Redirecting to {location}."
        else:
            self.set("Content-Type", "text/html; charset=utf-8")
            self.body = f"Redirecting to {html.escape(location)}."

    def _clear_body(self) -> None:
        self._null = self._explicit
        if self._status not in EMPTY:
            self._status = 204
        self._explicit = True
        for name in ("Content-Type", "Content-Length", "Transfer-Encoding"):
            self.remove(name)


def _mime(value: str) -> str:
    kind = value if "/" in value else mimetypes.types_map.get(f".{value.lstrip('.')}", "")
    textual = kind.startswith("text/") or kind in ("application/json", "application/javascript")
    return f"{kind}; charset=utf-8" if textual and "charset" not in kind else kind
