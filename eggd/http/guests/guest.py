"""An application of another framework as the guest of one exchange: common to all frameworks.

`GuestRequest` is the request as the guest sees it, `Reply` takes its answer. `asgi` and `tornado`
translate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from eggd.http.answer import OWN_FIELDS, closes
from eggd.http.config import HttpConfig
from eggd.http.detach import Detached
from eggd.http.exchange import Exchange

Field = tuple[bytes, bytes]
"""Name and value of one header field."""

_good_field = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [\t -~\x80-\xff]*\r\n").fullmatch
# Fields that a guest may not set, except `Connection: close`.
_OWN = frozenset(name.encode() for name in OWN_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestRequest:
    """One exchange as a guest sees it."""

    exchange: Exchange
    """Request and answer."""
    prefix: str
    """The path at which the guest is mounted, without a trailing slash; "" at the root."""
    path: bytes
    """The raw path below the prefix, beginning with a slash."""
    scheme: str
    """The scheme of the client's URL: `http` or `https`."""
    client: tuple[str, int]
    """The client's address and port; port 0 if a proxy sent the address."""
    fields: Sequence[Field] = ()
    """Fields of the answer that the guest may override."""
    config: HttpConfig = field(default_factory=HttpConfig)
    """The server's times and limits."""


class Reply:
    """A guest's answer: the head is kept until the first content, to send both in one write."""

    __slots__ = ("_declared", "_exchange", "_fields", "_lines", "status")

    def __init__(self, request: GuestRequest) -> None:
        self.status = 0
        """The status of the guest's answer; 0 before it."""
        self._exchange = request.exchange
        self._fields = request.fields
        # The field lines of the head, until it is sent.
        self._lines = b""
        # The Content-Length that the guest set, if any.
        self._declared: int | None = None

    def head(self, status: int, fields: Iterable[Field]) -> None:
        """Takes status and fields; raises ValueError for a field that would break the head."""
        if not 200 <= status <= 999:
            raise ValueError(f"{status!r} is not a final HTTP status")
        given = [(bytes(name), bytes(value)) for name, value in fields]
        names = {name.lower() for name, _ in given} - {b"set-cookie"}
        taken = names | {name.encode() for name in self._exchange.fixed.own}
        more = [(name, value) for name, value in self._fields if name.lower() not in taken]
        self._declared = _length(given)
        if any(map(_closes, [*more, *given])):
            self._exchange.close_after()
        self._lines = b"".join(map(_line, [*more, *given]))
        self._prefer({name.decode("latin-1") for name in names})
        self.status = status

    def _prefer(self, names: set[str]) -> None:
        """Leaves out the server's fixed fields that the guest has set by itself."""
        exchange = self._exchange
        if not exchange.fixed.own.isdisjoint(names):
            exchange.fix(exchange.fixed.but(dict.fromkeys(names)))

    def switch(self, fields: Iterable[Field]) -> Detached:
        """Answers 101 with these fields and leaves HTTP; raises as `head` and `Exchange.detach`."""
        lines = b"".join(map(_check, [*self._fields, *fields]))
        detached = self._exchange.detach()
        self.status = 101
        detached.write(b"HTTP/1.1 101 Switching Protocols\r\n%b\r\n" % lines)
        return detached

    def put(self, content: bytes, *, last: bool) -> None:
        """Sends content; a complete answer is sent in one write."""
        exchange = self._exchange
        if exchange.lost or exchange.finished:
            return
        if not exchange.started:
            whole = self._declared == len(content) or (last and self._declared is None)
            if whole:
                exchange.send(self.status, self._lines, content)
                return
            exchange.start(self.status, self._lines, length=self._declared)
        exchange.put(content)
        if last:
            exchange.finish()


def _closes(field: Field) -> bool:
    return field[0].lower() == b"connection" and closes(field[1].decode("latin-1"))


def _length(fields: Sequence[Field]) -> int | None:
    lengths = [value for name, value in fields if name.lower() == b"content-length"]
    if not lengths:
        return None
    if len(set(lengths)) > 1 or not lengths[0].isdigit():
        raise ValueError(f"bad Content-Length {b', '.join(lengths)!r}")
    return int(lengths[0])


def _line(field: Field) -> bytes:
    if field[0].lower() in _OWN:
        return b""
    return _check(field)


def _check(field: Field) -> bytes:
    line = b"%b: %b\r\n" % (field[0], field[1].strip(b" \t"))
    if not _good_field(line):
        raise ValueError(f"bad header field {line!r}")
    return line
