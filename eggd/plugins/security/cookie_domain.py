"""The domain of cookies that all hosts of a site share (process:HLP-12)."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\.?")
_REGISTRIES = frozenset(("ac", "co", "com", "edu", "gov", "net", "org"))
"""Second labels below which the names of a country are registered: `example.com.cn`."""


def cookie_domain(host: str) -> str:
    """Returns the domain for the cookies of a host and its neighbours: `.b.com` for `a.b.com`.

    The label `test` before it is kept, as Egg has it: `.test.b.com` for `x.test.b.com`. An IPv4
    address is returned unchanged, "" for another host that no cookie can have as domain: a name
    without a dot, an IPv6 address, and the unusual characters that a Host may have (RFC 3986).
    """
    if _ADDRESS.fullmatch(host):
        return host
    if not _NAME.fullmatch(host):
        return ""
    labels = host.lower().rstrip(".").split(".")
    if len(labels) < 2:
        return ""
    kept = 3 if len(labels[-1]) == 2 and labels[-2] in _REGISTRIES else 2
    if len(labels) > kept + 1 and labels[-kept - 1] == "test":
        kept += 1
    return f".{'.'.join(labels[-kept:])}"
