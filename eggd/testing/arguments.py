"""One-line errors for wrong arguments of the test kit."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping

from eggd.errors import ArgumentError
from eggd.spelling import suggestion_or_list

__tracebackhide__ = True  # pytest shows the line of the test instead

_NOT_IN_COOKIE = re.compile(r"[\x00-\x1f\x7f;]|[^\x00-\xff]")

Kind = type | tuple[type, ...]


def check_kind(name: str, value: object, kind: Kind, text: str) -> None:
    """Raises ArgumentError unless a value is of a kind; `text` describes the kind."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ArgumentError(f"{name} must be {text}, not {value!r}")


def check_texts(name: str, value: Mapping[str, str]) -> None:
    """Raises ArgumentError unless a value is a mapping of texts to texts."""
    check_kind(name, value, Mapping, "a dict of texts")
    for key, text in value.items():
        check_kind(f"{name}: a name", key, str, "text")
        check_kind(f"{name}: {key}", text, str, "text")


def check_cookie(where: str, name: str, value: str) -> None:
    """Raises ArgumentError for a cookie that a browser could not send as one."""
    check_kind(f"{where}: a name", name, str, "text")
    check_kind(f"{where}[{name!r}]", value, str, "text")
    match = _NOT_IN_COOKIE.search(f"{name}{value}")
    if not name or match or "=" in name:
        text = "an empty name" if not name else repr(match[0]) if match else "'='"
        raise ArgumentError(
            f"{where}[{name!r}]: {text} is not allowed in a cookie",
            hint='send other text by headers={"Cookie": ...}',
        )


def refuse_unknown(given: Iterable[str], cls: type) -> None:
    """Raises ArgumentError for a keyword argument that a class does not accept."""
    known = list(inspect.signature(cls).parameters)
    for name in given:
        if name not in known:
            raise unknown(name, known)


def unknown(name: str, known: Iterable[str], instead: Mapping[str, str] = {}) -> ArgumentError:
    """Returns the error for an unknown keyword argument; `instead` has replacements as hints."""
    hint = instead.get(name) or suggestion_or_list(name, known)
    return ArgumentError(f"{name}: unknown option", hint=hint)
