"""`Answer`: status, header fields and body of one response, and how they depend on each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from eggd.app.context.interfaces import AppLike
from eggd.errors import EggError
from eggd.http import Exchange

EMPTY = frozenset((204, 205, 304))
"""The statuses of responses without content (RFC 9110 section 15)."""

TAKEN = object()
"""The content of a response that the app sends itself: `ctx.respond = False`."""

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

_OF_THE_BODY = frozenset(
    (
        *("accept-ranges", "cache-control", "digest", "etag", "expires", "last-modified"),
        *("repr-digest", "trailer", "transfer-encoding"),
    )
)
"""Fields that describe the body and are dropped with it, besides those named Content-*."""

_POLICY = "content-security-policy"
"""Prefix of fields that are kept: they protect a page whatever its body is."""

HeaderField = tuple[str, list[str]]
"""The name as it was set, and the values, a line each."""


class Answer:
    """The state of one response; 404 without a body until a status or a body is set.

    `code` and `content` are the values of `status` and `body`; `serving/` reads them directly to
    save two property calls per request. `new_context` sets the attributes without a default.
    """

    app: AppLike
    exchange: Exchange
    fields: dict[str, HeaderField]
    """By lower-case name."""
    code = 404
    content: Any = None
    is_set: bool
    """Whether a status or a body was set: a body that is set later does not change the status."""
    # Whether the body was set to None: then not even the status's phrase is sent.
    _is_null = False

    @property
    def status(self) -> int:
        """The status code; 404 until it or a body is set (core:RES-1)."""
        return self.code

    @status.setter
    def status(self, status: int) -> None:
        if type(status) is not int:
            raise EggError(f"status code must be a number: {status!r}", hint="100 to 999")
        if not 100 <= status <= 999:
            raise EggError(f"invalid status code: {status!r}", hint="a whole number, 100 to 999")
        self.code = status
        self.is_set = True
        if status in EMPTY:
            self._replace(None)

    @property
    def body(self) -> Any:
        """The body: None, str, bytes, a value for JSON, or a streamed one (`serving/stream.py`)."""
        return self.content

    @body.setter
    def body(self, body: Any) -> None:
        if body is None:
            self._clear_body()
        elif self.is_set:
            # Content of 204, 205 and 304 is dropped (core:RES-5).
            self._replace(None if self.code in EMPTY else body)
        else:
            self.content = body
            self.code = 200
            self.is_set = True

    @property
    def is_empty(self) -> bool:
        """Whether nothing is sent as content while `content` is None, not even the phrase."""
        return self.code in EMPTY or self._is_null

    @property
    def respond(self) -> bool:
        """Whether eggd sends the response; False leaves `ctx.exchange` to the app (CTX-9)."""
        return self.content is not TAKEN

    @respond.setter
    def respond(self, respond: bool) -> None:
        self.is_set = True
        if respond != self.respond:
            self.content = None if respond else TAKEN

    def get(self, name: str) -> str:
        """Returns a field's value, "" if it is not set; several lines are joined by commas."""
        field = self.fields.get(name.lower())
        return ", ".join(field[1]) if field else ""

    def set(
        self, name: str | Mapping[str, object], value: object = "", *, append: bool = False
    ) -> None:
        """Sets a field, or all fields of a mapping; a list sets one line each (core:RES-13).

        Does nothing once the head is sent. Content-Encoding also sets `Vary: Accept-Encoding`
        (RFC 9110 section 12.5.5). Raises EggError for a name or value that is not allowed on the
        wire (RFC 9110 section 5.5).
        """
        if not isinstance(name, str):
            for key, entry in name.items():
                self.set(key, entry)
            return
        if self.exchange.started:
            return
        key = _lower(name)
        values = _check(name, value)
        if append and key in self.fields:
            values = self.fields[key][1] + values
        self.fields[key] = (name, values)
        if key == "content-encoding":
            self.vary("Accept-Encoding")

    def append(self, name: str, value: object) -> None:
        """Adds a line to a field and keeps its other lines (core:RES-13)."""
        self.set(name, value, append=True)

    def remove(self, name: str) -> None:
        """Removes a field, if it is set."""
        self.fields.pop(name.lower(), None)

    def vary(self, field: str) -> None:
        """Adds comma-separated names to Vary, each once; `*` replaces all others (RES-13)."""
        listed = [name.strip() for name in f"{self.get('vary')},{field}".split(",")]
        names = {name.lower(): name for name in reversed(listed) if name}
        self.set("Vary", "*" if "*" in names else ", ".join(reversed(names.values())))

    def reset(self) -> None:
        """Drops the body, closing a stream, and the fields that describe it; the status is 500.

        All other fields are kept: without the CORS fields a browser hides an error's answer from a
        page of another origin.
        """
        self.respond = True
        self._replace(None)
        self._is_null = False
        self.fields = {k: field for k, field in self.fields.items() if not _describes_body(k)}
        self.status = 500

    def _clear_body(self) -> None:
        self._replace(None)
        self._is_null = self.is_set = True
        if self.code not in EMPTY:
            self.code = 204
        for name in ("Content-Type", "Content-Length", "Transfer-Encoding"):
            self.remove(name)

    def _replace(self, body: Any) -> None:
        """Sets the content and closes a stream in its place, which is never sent (RES-16)."""
        old = self.content
        if old is TAKEN:
            return
        self.content = body
        close = getattr(old, "aclose", None) or getattr(old, "close", None)
        if close is not None and old is not body:
            self.app.background.run(close, None, "close a replaced body")


@lru_cache(
    maxsize=1024
)  # an app has few names, and checking one costs as much as the rest of `set`
def _lower(name: str) -> str:
    """Returns the key of a field; raises EggError for a name that is not allowed on the wire."""
    if not _NAME.fullmatch(name):
        raise EggError(f"invalid header name {name!r}")
    return name.lower()


def _check(name: str, value: object) -> list[str]:
    """Returns a field's lines; raises EggError for text that is not allowed on the wire."""
    # Nearly always; the checks of one text without a regular expression are the cheapest.
    if type(value) is str and value.isascii() and value.isprintable():
        return [value]
    values = [str(item) for item in (value if isinstance(value, list | tuple) else [value])]
    for item in values:
        if not _VALUE.fullmatch(item):
            raise EggError(f"invalid value of header {name}: {item!r}")
    return values


def _describes_body(name: str) -> bool:
    """Returns whether a field, by its lower-case name, describes the body."""
    return name in _OF_THE_BODY or (name.startswith("content-") and not name.startswith(_POLICY))
