"""Forms: `a=1&b[c]=2&d[]=3` to nested values; no key is an error (core:BODY-7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from eggd.wire.percent import as_sent, mend, unescape

Value = str | list["Value"] | dict[str, "Value"]

INHERITED = frozenset(
    (
        "__proto__",
        "constructor",
        "prototype",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    )
)
"""Members of every JavaScript object; fields of these names are dropped."""

_MORE_DOTS = 5
"""Dots of a key beyond the depth that are read as brackets; later dots are kept."""

_DOTTED = re.compile(r"\.([^.\[\]]+)")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_BRACKETED = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class FormLimits:
    """Limits of a form; nothing fails beyond them, as in Egg."""

    parameters: int = 1000
    """Fields that are read; those after them are dropped."""
    depth: int = 5
    """Levels below the first name; a deeper rest stays one literal key."""
    array: int = 100
    """The highest index that makes a list; with one above it, the indices are keys."""


@dataclass(slots=True)
class _Node:
    values: list[Value] = field(default_factory=list)
    names: dict[str, _Node] = field(default_factory=dict)
    listed: bool = False


def parse_form(text: str, limits: FormLimits) -> dict[str, Value]:
    """Returns the fields of a form; a repeated name is a list, a field without a name is dropped.

    A form with more than `MAX_MALFORMED` malformed escapes keeps all its escapes.
    """
    root = _Node()
    whole = mend(text)
    text, decode = (text, as_sent) if whole is None else (whole, unescape)
    for part in text.split("&", limits.parameters)[: limits.parameters]:
        at = part.find("]=") + 1 or part.find("=")
        key, value = (part[:at], part[at + 1 :]) if at >= 0 else (part, "")
        path = _path(decode(key), limits.depth)
        if path and path[0] and INHERITED.isdisjoint(path):
            _put(root, path, decode(value))
    return {name: _to_value(node, limits.array) for name, node in root.names.items()}


def _path(key: str, depth: int) -> list[str]:
    if "[" not in key and "." not in key:
        return [key]
    if "." in key:
        key = _DOTTED.sub(r"[\1]", key, count=depth + _MORE_DOTS)
    start = key.find("[")
    if start < 0 or _BRACKETED.match(key, start) is None:
        return [key]
    path = [key[:start]] if start else []
    for _ in range(depth if start else depth + 1):
        match = _BRACKETED.match(key, start)
        if match is None:
            break
        path.append(match[1])
        start = match.end()
    return [*path, key[start:]] if start < len(key) else path


def _put(root: _Node, path: list[str], value: str) -> None:
    node = root
    for name in path[:-1]:
        node = node.names.setdefault(name or "0", _Node())
    if path[-1]:
        node = node.names.setdefault(path[-1], _Node())
    else:
        node.listed = True
    node.values.append(value)


def _to_value(node: _Node, array_limit: int) -> Value:
    names = {name: _to_value(inner, array_limit) for name, inner in node.names.items()}
    if not names:
        return node.values if node.listed or len(node.values) > 1 else node.values[0]
    if all(_INDEX.fullmatch(name) and int(name) <= array_limit for name in names):
        return [*(names[name] for name in sorted(names, key=int)), *node.values]
    return [*node.values, names] if node.values else names
