"""Header fields that every answer of a server carries, encoded once.

They are also on answers that no handler makes: to malformed requests, and of mounted applications.
An exchange refers to those of its server until its handler replaces them: `exchange.fix`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from eggd.errors import EggError
from eggd.http.answer import OWN_FIELDS

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_VARYING = OWN_FIELDS | {"content-type", "content-encoding", "content-range", "set-cookie"}


class FixedFields:
    """Complete field lines and their names; never changed: `but` makes others."""

    __slots__ = ("_fields", "_wider", "lines", "names", "own", "reported")

    def __init__(self, fields: Mapping[str, str] | None = None) -> None:
        """Encodes the fields, name to value.

        Raises EggError for a name or value that is not allowed on the wire (RFC 9110 section 5.5),
        and for a field that differs from answer to answer, such as Content-Length.
        """
        self._fields: dict[str, tuple[str, str]] = {}
        for name, value in (fields or {}).items():
            _check(name, value)
            self._fields[name.lower()] = (name, value)
        self.lines = _lines(self._fields.values())
        self.own = frozenset(self._fields)
        """The names in lower case."""
        self.names = OWN_FIELDS | self.own
        """The names that no handler can set: these, and those that the connection writes."""
        self._wider: dict[tuple[str, ...], FixedFields] = {}  # by the names that `plus` adds
        self.reported: set[str] = set()
        """Names that a handler has set without effect, each of which is logged once."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields.values())

    def but(self, changes: Mapping[str, str | None]) -> FixedFields:
        """Returns these fields with others added or replaced; None removes one. Raises EggError."""
        fields = dict(self._fields)
        for name, value in changes.items():
            if value is None:
                fields.pop(name.lower(), None)
            else:
                fields[name.lower()] = (name, value)
        changed = FixedFields(dict(fields.values()))
        if self._fields:
            changed.reported = self.reported
        return changed

    def plus(self, fields: Mapping[str, str]) -> FixedFields:
        """Returns these fields and others, whose names are new and whose values are not checked.

        The names are those of a few sets, as each set is kept.
        """
        names = tuple(fields)
        wider = self._wider.get(names) or self._with_names(names)
        more = object.__new__(FixedFields)
        more._fields = dict(
            zip(wider._fields, (*self._fields.values(), *fields.items()), strict=True)
        )
        more._wider = wider._wider
        more.lines = self.lines + _lines(fields.items())
        more.own, more.names, more.reported = wider.own, wider.names, self.reported
        return more

    def _with_names(self, names: tuple[str, ...]) -> FixedFields:
        """Returns these fields and empty ones of these names, and keeps them."""
        wider = FixedFields({**dict(self._fields.values()), **dict.fromkeys(names, "")})
        self._wider[names] = wider
        return wider

    def besides(self, names: Collection[str]) -> bytes:
        """Returns the lines of the fields that are not in `names`, which are in lower case."""
        if self.own.isdisjoint(names):
            return self.lines
        return _lines([field for key, field in self._fields.items() if key not in names])


def _check(name: str, value: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise EggError(f"fixed field {name!r}: not a valid name of a header field")
    if name.lower() in _VARYING:
        raise EggError(f"fixed field {name}: its value differs from response to response")
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        raise EggError(f"fixed field {name}: {value!r} is not a valid value of a header field")


def _lines(fields: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1")


NO_FIELDS = FixedFields()
"""The fixed fields of a server without any."""
