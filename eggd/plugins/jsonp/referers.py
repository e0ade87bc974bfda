"""The pages that may load data: from the config to a function of a Referer (core:JP-4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import cast

from eggd import ConfigError

Page = str | re.Pattern[str]
"""A host, a domain with a dot before it, or a pattern of the URL."""
Pages = Page | Sequence[Page] | None
"""One page or several; None: the Referer is not checked."""

_LONGEST = 8192
"""Characters of a Referer that is compared; no browser sends a longer one."""
_HOST = re.compile(r"\.?[a-z0-9_](?:[a-z0-9._\-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_URL = re.compile(
    r"https?://(?P<host>[a-z0-9_](?:[a-z0-9._\-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?#].*)?",
    re.IGNORECASE,
)
"""A URL as browsers send it: a user name or a backslash would hide the host (known:KW-76)."""


def allowed_pages(pages: Pages) -> Callable[[str], bool] | None:
    """Returns whether a Referer is allowed, None if it is not checked.

    Raises ConfigError for an entry that is neither a host nor a pattern, and for an empty list.
    """
    if pages is None:
        return None
    is_list = isinstance(pages, Sequence) and not isinstance(pages, str)
    entries = list(cast("Sequence[Page]", pages)) if is_list else [pages]
    if not entries:
        raise ConfigError("jsonp.white_list is empty: no page may load the data")
    patterns = [each for each in entries if isinstance(each, re.Pattern)]
    names = [_host(each) for each in entries if not isinstance(each, re.Pattern)]
    hosts = frozenset(name.removeprefix(".") for name in names)
    domains = tuple(name for name in names if name.startswith("."))

    def is_allowed(referer: str) -> bool:
        url = _URL.fullmatch(referer) if len(referer) <= _LONGEST else None
        if url is None:
            return False
        host = url["host"].lower()
        is_named = host in hosts or host.endswith(domains)
        return is_named or any(pattern.match(referer) for pattern in patterns)

    return is_allowed


def _host(entry: object) -> str:
    name = entry.lower() if isinstance(entry, str) else ""
    if not _HOST.fullmatch(name):
        hint = f"write {_advice(name)!r}" if _advice(name) else "such as 'shop.example'"
        raise ConfigError(f"jsonp.white_list: {entry!r} is not a host or a pattern", hint=hint)
    return name


def _advice(name: str) -> str:
    """Returns the host in a URL, or in a name with a star before it; "" without one."""
    host = re.sub(r"^[a-z]+://", "", name).removeprefix("*").partition("/")[0].partition(":")[0]
    return host if _HOST.fullmatch(host) else ""
