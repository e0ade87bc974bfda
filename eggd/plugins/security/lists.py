"""Entries of lists and policies in the config that would have no effect, or a dangerous one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from eggd import ConfigError

_HOST = re.compile(r"[A-Za-z0-9._~*\-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_DIRECTIVES = (
    *("default-src", "script-src", "script-src-elem", "script-src-attr", "style-src", "img-src"),
    *("style-src-elem", "style-src-attr", "font-src", "connect-src", "media-src", "object-src"),
    *("child-src", "frame-src", "worker-src", "manifest-src", "base-uri", "form-action", "sandbox"),
    *("frame-ancestors", "report-uri", "report-to", "upgrade-insecure-requests", "plugin-types"),
    *("block-all-mixed-content", "require-trusted-types-for", "trusted-types", "prefetch-src"),
    *("fenced-frame-src", "navigate-to", "referrer", "reflected-xss", "require-sri-for"),
)
_KEYWORDS = frozenset(
    ("self", "none", "unsafe-inline", "unsafe-eval", "unsafe-hashes", "strict-dynamic")
)
_RUNS_CODE = frozenset(("javascript", "vbscript"))


def check_hosts(key: str, hosts: Sequence[str]) -> None:
    """Raises ConfigError for an entry that no host equals, such as a URL."""
    for host in hosts:
        if not _HOST.fullmatch(host):
            name = host.partition("://")[2] or host
            raise ConfigError(
                f"security.{key}: {host!r} is not a host",
                hint=f"write {name.partition('/')[0] or 'shop.example'!r}",
            )


def check_schemes(schemes: Sequence[str]) -> None:
    """Raises ConfigError for an entry that is not a scheme, or whose links run code."""
    for scheme in schemes:
        if scheme.lower() in _RUNS_CODE:
            raise ConfigError(f"security.protocol_white_list: links of {scheme!r} run code")
        if not _SCHEME.fullmatch(scheme):
            raise ConfigError(
                f"security.protocol_white_list: {scheme!r} is not a scheme",
                hint="write it without ':' and '/', such as 'mailto'",
            )


def check_policy(policy: Mapping[str, str | bool | Sequence[str]]) -> None:
    """Raises ConfigError for a misspelt directive, and for a keyword without its quotes."""
    for directive, value in policy.items():
        name = directive.replace("_", "-").lower()
        near = difflib.get_close_matches(name, _DIRECTIVES, n=1, cutoff=0.8)
        if near and name not in _DIRECTIVES:
            raise ConfigError(
                f"security.csp.policy: {directive!r} is not a directive",
                hint=f"did you mean {near[0]!r}?",
            )
        sources = value.split() if isinstance(value, str) else value
        for source in () if isinstance(sources, bool) or name == "sandbox" else sources:
            if source in _KEYWORDS:
                raise ConfigError(
                    f"security.csp.policy: {directive}: {source!r} is a host without its quotes",
                    hint=f"write \"'{source}'\"",
                )
