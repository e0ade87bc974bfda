"""Redirects to safe URLs only (process:RED-1, RED-2)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eggd import EggError
from eggd.plugins.security.origins import is_safe_domain, origin_of

_ABSOLUTE = re.compile(r"(https?)://([^/?#\\]+)(.*)", re.IGNORECASE | re.DOTALL)
_PORT = re.compile(r":[0-9]*$")


class UnsafeRedirectError(EggError):
    """A redirect to a host that `security.domain_white_list` does not have."""


def safe_url(url: object, domains: Sequence[str]) -> str:
    """Returns the URL that a redirect may lead to: "/" for another one than a path or http(s) URL.

    Raises UnsafeRedirectError for a host that a list of domains, if not empty, does not have.
    """
    if not isinstance(url, str):
        return "/"
    text = url.strip()
    if text[:1] == "/":
        return "/" if text[1:2] in ("/", "\\") else text
    match = _ABSOLUTE.fullmatch(text)
    if match is None or origin_of(text) is None:
        return "/"
    scheme, authority, rest = match.groups()
    host = _PORT.sub("", authority.rpartition("@")[2].lower())
    # A backslash ends the host for some readers; for others, or percent-encoded, a name goes on.
    is_clear = not rest.startswith("\\")
    if domains and not (is_clear and is_safe_domain(host, domains)):
        raise UnsafeRedirectError(
            f'a security problem has been detected for url "{url}", redirection is prohibited.',
            hint="add the host to security.domain_white_list, or use ctx.unsafe_redirect",
        )
    if not is_clear:
        return "/"
    named = authority if "@" in authority else authority.lower()
    return f"{scheme.lower()}://{named}{rest or '/'}"
