"""Hosts and origins: of a Referer, an Origin, the request itself, and lists of the config."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9._~-]+(?::[0-9]{1,5})?|\[[0-9a-f:.]+\](?::[0-9]{1,5})?")
_USER = re.compile(r"[^/]*//[^/?#]*[@\\]")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def origin_of(url: str) -> tuple[str, str] | None:
    """Returns scheme and host, with a port that is not the scheme's; None without such.

    A relative URL, `null`, another scheme than http and https, and a host that no URL can have are
    None.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    host = parts.netloc.rpartition("@")[2].lower()
    if scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        return None
    return scheme, host.removesuffix(_DEFAULT_PORTS[scheme])


def _sent_origin(url: str) -> tuple[str, str] | None:
    """Returns the origin of an Origin or Referer, in which no browser sends `@` before the path."""
    return None if _USER.match(url) else origin_of(url)


def is_own(url: str, host: str) -> bool:
    """Returns whether an absolute URL is on the host of the request, the same port included."""
    origin = _sent_origin(url)
    if origin is None:
        return False
    return origin[1] == host.lower().removesuffix(_DEFAULT_PORTS[origin[0]])


def is_listed(url: str, hosts: Sequence[str]) -> bool:
    """Returns whether the host of a URL is one of `hosts`, or a sub-domain of one (CSRF-12)."""
    origin = _sent_origin(url)
    if origin is None:
        return False
    return any(_is_below(origin[1], host.lower().removeprefix(".")) for host in hosts)


def is_safe_domain(domain: object, domains: Sequence[str]) -> bool:
    """Returns whether a host name is in a list of `domain_white_list` (process:RED-4).

    An entry is the name itself, the end of the name at a dot, or a pattern with `*` for the whole
    name.
    """
    if not isinstance(domain, str) or not domain:
        return False
    name = domain.lower()
    return any(_matches(name, entry.lower()) for entry in domains if entry)


def _matches(name: str, entry: str) -> bool:
    if "*" in entry:
        pattern = ".*".join(map(re.escape, entry.split("*")))
        return re.fullmatch(pattern, name) is not None
    return _is_below(name, entry.removeprefix("."))


def _is_below(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")
