"""The value of Content-Security-Policy (process:HDR-5, known:KW-25)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from eggd import EggError
from eggd.plugins.security.options import Policy

Value = TypeVar("Value")
"""The value of a directive, or of a feature."""

_DIRECTIVE = re.compile(r"[a-z-]+")
_SEPARATOR = re.compile(r"[;,\x00-\x1f\x7f]")
_NONCE = re.compile(r"[A-Za-z0-9_-]+")
_SCRIPTS = "script-src"


def overlaid(policy: Mapping[str, Value], changes: Mapping[str, Value]) -> dict[str, Value]:
    """Returns a policy with the directives of another one added, or in place of the same ones.

    `_` in a name is `-`.
    """
    return {_spelled(each): value for each, value in (*policy.items(), *changes.items())}


def takes_nonce(policy: Policy) -> bool:
    """Returns whether `ctx.nonce` is added to the scripts: not beside a nonce of the config."""
    return any(
        _name(directive) == _SCRIPTS and sources is not False and "nonce-" not in _joined(sources)
        for directive, sources in policy.items()
    )


def policy_text(policy: Policy, nonce: str = "") -> str:
    """Returns the directives in their order, with the nonce if there is one.

    Raises EggError for a directive or source that would begin another one.
    """
    directives = []
    for directive, sources in policy.items():
        if sources is False:
            continue
        name, value = _name(directive), _value(directive, sources)
        if nonce and name == _SCRIPTS and "nonce-" not in value:
            value = f"{value} {_source(nonce)}".strip()
        directives.append(f"{name} {value}".strip())
    return ";".join(directives)


def _source(nonce: str) -> str:
    if not _NONCE.fullmatch(nonce):
        raise EggError(f"{nonce!r} cannot be a nonce", hint="letters, digits, - and _")
    return f"'nonce-{nonce}'"


def _spelled(directive: str) -> str:
    return directive.replace("_", "-").lower()


def _name(directive: str) -> str:
    name = _spelled(directive)
    if not _DIRECTIVE.fullmatch(name):
        raise EggError(f"security.csp.policy: {directive!r} is not a directive")
    return name


def _joined(sources: str | bool | Sequence[str]) -> str:
    if isinstance(sources, bool):
        return ""
    return sources if isinstance(sources, str) else " ".join(map(str, sources))


def _value(directive: str, sources: str | bool | Sequence[str]) -> str:
    text = _joined(sources)
    if _SEPARATOR.search(text):
        raise EggError(
            f"security.csp.policy: {directive}: {text!r} holds a separator",
            hint="a list of sources, without commas, semicolons and line breaks",
        )
    return " ".join(f"*{each}" if each[0] == "." else each for each in text.split())
