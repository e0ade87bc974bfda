"""Lists that proxies append to: X-Forwarded-* and Forwarded (RFC 7239).

Each proxy adds an item at the end, so only the last ones can be trusted. Items are therefore read
from the right, and what a client put in front cannot hide them: neither an unclosed quote nor
100 kB of commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

MOST_HOPS = 64
"""Items of a list that are read, from the right; no real chain of proxies is as long."""

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PAIR = re.compile(rf'({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*)")', re.ASCII)
_SEPARATOR = re.compile(r"[ \t]*;[ \t;]*")
_ESCAPE = re.compile(r"\\(.)")
_NODE_PORT = re.compile(r"(.*):_[\w.\-]+", re.ASCII)


def items_from_right(value: str) -> Iterator[str]:
    """Yields the items of a list that are not empty, the last one first."""
    for item in reversed(value.rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
        if item := item.strip(" \t"):
            yield item


def elements_from_right(value: str) -> Iterator[Mapping[str, str]]:
    """Yields the elements of Forwarded, the last one first, up to a malformed one.

    An element maps the names of its parameters, in lower case, to their values. A comma in quotes
    makes the element malformed: no parameter that eggd reads may have one.
    """
    for item in items_from_right(value):
        element = _element(item)
        if element is None:
            return
        yield element


def node_address(node: str) -> str:
    """Returns the node of a `for` parameter without an obfuscated port (RFC 7239 section 6)."""
    match = _NODE_PORT.fullmatch(node)
    return match[1] if match else node


def _element(text: str) -> dict[str, str] | None:
    """Returns the parameters of one element; None if it is malformed or names one twice."""
    parameters: dict[str, str] = {}
    at = _separator(text, 0)
    while at < len(text):
        match = _PAIR.match(text, at)
        if match is None or match[1].lower() in parameters:
            return None
        name, token, quoted = match.groups()
        parameters[name.lower()] = _ESCAPE.sub(r"\1", quoted) if token is None else token
        at = _separator(text, match.end())
        if at == match.end() < len(text):
            return None
    return parameters


def _separator(text: str, at: int) -> int:
    """Returns the end of the blanks and semicolons at `at`."""
    match = _SEPARATOR.match(text, at)
    return match.end() if match else at
