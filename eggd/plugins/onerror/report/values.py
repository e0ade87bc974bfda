"""Values as text: bounded in length, depth and time, with secrets masked.

Of builtin containers only the first items are formatted. The `__repr__` of any other object runs
under a limit of time; it may raise, return something else than text, or have side effects such as
a query of a database, so an object is formatted once per report.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import TypeVar, cast

from eggd import TooLongError, is_secret, limited, without_secrets, words_of
from eggd.plugins.onerror.report.model import Pair

T = TypeVar("T")

LONGEST = 1_200
"""Characters of one value."""
MASK = "***"
_DEEPEST = 4
_ITEMS = 24
_PIECE = 400
_TIME = 0.05
"""Seconds for one `__repr__`."""
_TOTAL = 0.5
"""Seconds for all of a report."""
_BITS = 2_000
"""Bits of the largest number that is written out."""
_COUNTED = 10_000
"""Items from which on the repr of a foreign container is not asked for."""
_CREDENTIALS = frozenset(("auth", "authorization", "cookie", "cookies", "csrf", "session"))
_LEAVES = frozenset((str, bytes, bytearray, int, float, bool, type(None)))
_USUAL = frozenset(("builtins", "__main__"))
_NAMELESS = ("_eggd_units:", "eggd.")
"""The beginnings of module names that say nothing: those of files of the app, and eggd's own."""
_BRACKETS: Mapping[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}


def is_hidden(name: str) -> bool:
    """Returns whether the value of a name must not be shown: a secret, a cookie, a session."""
    return is_secret(name) or not _CREDENTIALS.isdisjoint(words_of(name))


def text_of(value: object, longest: int = LONGEST) -> str:
    """Returns text that may have any length, cut, with secrets masked."""
    text = str(value)
    masked = without_secrets(text[: 2 * longest])
    return masked if len(masked) <= longest else f"{masked[:longest]}… ({len(text)} characters)"


def type_name(value: object) -> str:
    """Returns the name of a value's class, with the module of a class of a package."""
    kind = type(value)
    try:
        module = type.__getattribute__(kind, "__module__")
        name = type.__getattribute__(kind, "__qualname__")
    except Exception:
        return "object"
    is_short = not isinstance(module, str) or module.startswith(_NAMELESS) or module in _USUAL
    return (name if is_short else f"{module}.{name}")[:200]


class Values:
    """The values of one report."""

    def __init__(self) -> None:
        self._until = monotonic() + _TOTAL
        # By the identity of objects, which the traceback keeps alive.
        self._known: dict[int, str] = {}

    def pair(self, name: str, value: object) -> Pair:
        """Returns a name and its value."""
        return Pair(text_of(name, 200), MASK if is_hidden(name) else self.show(value))

    def pairs(self, values: Iterable[tuple[object, object]], most: int = 60) -> list[Pair]:
        """Returns the first pairs; their names may be any text."""
        return [
            self.pair(self.plain(name), value) for name, value in itertools.islice(values, most)
        ]

    def show(self, value: object) -> str:
        """Returns a value as text; never raises an Exception."""
        try:
            text = self._repr(value, 0)
        except Exception as exc:
            return f"<{type_name(value)}: {type_name(exc)} while it was formatted>"
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def plain(self, value: object) -> str:
        """Returns `str(value)`, guarded as a `__repr__` is."""
        if type(value) is str:
            return value
        return self._guarded(value, lambda: str(value), "__str__")

    def _repr(self, value: object, depth: int) -> str:
        kind = type(value)
        if kind in _LEAVES:
            return _leaf(value)
        if depth and monotonic() > self._until:
            return "…"
        if kind in _BRACKETS:
            return self._listed(cast("Iterable[object]", value), kind, depth)
        if isinstance(value, dict) and kind.__repr__ is dict.__repr__:
            return self._mapped(dict.items(value), len(value), depth)
        if _is_record(value):
            return self._record(value, depth)
        if not hasattr(kind.__repr__, "__code__"):
            return self._of_c(value, depth)
        return self._foreign(value)

    def _of_c(self, value: object, depth: int) -> str:
        """Returns a value whose repr is in C: nothing could end that of shared, nested values."""
        if isinstance(value, dict):
            return f"{type_name(value)}({self._mapped(dict.items(value), len(value), depth)})"
        if isinstance(value, BaseException):
            return f"{type_name(value)}{self._listed(value.args, tuple, depth)}"
        if isinstance(value, deque):
            return f"deque({self._listed(value, list, depth)})"
        return self._foreign(value)

    def _listed(self, value: Iterable[object], kind: type, depth: int) -> str:
        opening, closing = _BRACKETS[kind]
        count = len(cast("list[object]", value))
        if kind is set and not count:
            return "set()"
        if depth >= _DEEPEST and count:
            return f"{opening}… {count} items{closing}"
        pieces = [self._piece(each, depth) for each in itertools.islice(value, _ITEMS)]
        if count > _ITEMS:
            pieces.append(f"… {count - _ITEMS} more")
        comma = "," if kind is tuple and count == 1 else ""
        text = f"{opening}{', '.join(pieces)}{comma}{closing}"
        # A list may be a command line or a form: `["--password", "x"]`, `("password", "x")`.
        return without_secrets(text) if kind in (list, tuple) else text

    def _mapped(self, items: Iterable[tuple[object, object]], count: int, depth: int) -> str:
        if depth >= _DEEPEST and count:
            return f"{{… {count} items}}"
        pieces = [
            f"{self._piece(key, depth)}: {self._item(key, each, depth)}"
            for key, each in itertools.islice(items, _ITEMS)
        ]
        if count > _ITEMS:
            pieces.append(f"… {count - _ITEMS} more")
        return f"{{{', '.join(pieces)}}}"

    def _record(self, value: object, depth: int) -> str:
        """Returns a dataclass with its own repr, each field bounded."""
        if depth >= _DEEPEST:
            return f"<{type_name(value)}>"
        pieces = []
        for each in dataclasses.fields(value)[:_ITEMS]:  # type: ignore[arg-type]
            if each.repr:
                field = getattr(value, each.name, None)
                pieces.append(f"{each.name}={self._item(each.name, field, depth)}")
        return f"{type(value).__qualname__}({', '.join(pieces)})"

    def _item(self, key: object, value: object, depth: int) -> str:
        if type(key) is str and is_hidden(key):
            return MASK
        return self._piece(value, depth)

    def _piece(self, value: object, depth: int) -> str:
        text = self._repr(value, depth + 1)
        return text if len(text) <= _PIECE else f"{text[:_PIECE]}…"

    def _foreign(self, value: object) -> str:
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = text_of(self._asked(value))
        return known

    def _asked(self, value: object) -> str:
        if type(value).__repr__ is object.__repr__:
            return f"<{type_name(value)}>"
        count = self._count(value)
        if count > _COUNTED:
            return f"<{type_name(value)}, {count} items>"
        return self._guarded(value, lambda: repr(value), "__repr__")

    def _count(self, value: object) -> int:
        if not hasattr(type(value), "__len__"):
            return 0
        try:
            return self._limited(lambda: len(value))  # type: ignore[arg-type]
        except (Exception, TooLongError):
            return 0

    def _guarded(self, value: object, function: Callable[[], object], method: str) -> str:
        try:
            text = self._limited(function)
        except TooLongError:
            return f"<{type_name(value)}: its {method} takes too long>"
        except BaseException as exc:
            return f"<{type_name(value)}: its {method} raised {type_name(exc)}>"
        # A subclass of str may have methods of the app's.
        return "".join(text) if isinstance(text, str) else f"<{type_name(value)}>"

    def _limited(self, function: Callable[[], T]) -> T:
        left = self._until - monotonic()
        if left <= 0:
            raise TooLongError
        return limited(function, min(left, _TIME))


def _is_record(value: object) -> bool:
    """Returns whether an object is of a dataclass with the repr that Python generates."""
    kind = type(value)
    parameters = kind.__dict__.get("__dataclass_params__")
    generated = getattr(kind.__dict__.get("__repr__"), "__wrapped__", None)
    return parameters is not None and bool(parameters.repr) and generated is not None


def _leaf(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bytes | bytearray):
        return _bytes(value)
    if isinstance(value, int) and value.bit_length() > _BITS:
        return f"<int of {value.bit_length()} bits>"
    return repr(value)


def _quoted(text: str) -> str:
    masked = without_secrets(text[: 2 * LONGEST])
    more = f"… ({len(text)} characters)" if len(text) > LONGEST else ""
    return f"{masked[:LONGEST]!r}{more}"


def _bytes(data: bytes | bytearray) -> str:
    more = f"… ({len(data)} bytes)" if len(data) > _PIECE else ""
    # Masked before it is cut: the head of a secret is one, too.
    return f"{without_secrets(repr(bytes(data[: 2 * _PIECE])))[:_PIECE]}{more}"
