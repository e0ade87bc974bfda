"""The regular expressions of the built-in types: the whole text must match, in linear time.

Possessive quantifiers (`*+`) never go back, so that no text takes long; npm's `parameter` takes
seconds for some texts of 50 kB. Letters are those of ASCII, except in URLs.
"""

from __future__ import annotations

import re

_SPACES = r"\s\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
SPACES = " \t\n\v\f\r\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""The characters that JavaScript's trim() removes."""

ID = re.compile(r"[0-9]+")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
PASSWORD = re.compile(
    r"[\w\`\~\!\@\#\$\%\^\&\*\(\)\-\_\=\+\[\]\{\}\|\;\:\'\"\,\<\.\>\/\?]+", re.ASCII
)
_LABEL = r"[a-z0-9](?:-*+[a-z0-9])*+"
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~\-]++"
EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*+@{_LABEL}(?:\.{_LABEL})++", re.ASCII | re.IGNORECASE)
_WIDE = r"[a-z0-9\xa1-\U0010ffff]"
_WIDE_LABEL = rf"{_WIDE}(?:-*+{_WIDE})*+"
URL = re.compile(
    r"(?:https?|ftp)://"
    rf"(?:[^/?#@{_SPACES}\x00-\x1f\x7f]++@)?"
    rf"(?P<host>{_WIDE_LABEL}(?:\.{_WIDE_LABEL})++)"
    r"(?::[0-9]{2,5})?"
    rf"(?:/[^{_SPACES}\x00-\x1f\x7f]*+)?",
    re.ASCII | re.IGNORECASE,
)
"""An address with a scheme and a host; the host is checked by `is_public_host`."""
_ADDRESS = re.compile(
    r"(?!(?:10|127)\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2[0-9]|3[01])\.)"
    r"(?:[1-9][0-9]?|1[0-9][0-9]|2[01][0-9]|22[0-3])"
    r"(?:\.(?:1?[0-9]{1,2}|2[0-4][0-9]|25[0-5])){2}"
    r"\.(?:[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-4])"
)
_TOP = re.compile(r"[a-z\xa1-\U0010ffff]{2,}", re.ASCII | re.IGNORECASE)


def is_url(text: str) -> bool:
    """Returns whether this is a URL of http, https or ftp with a host that may be public."""
    match = URL.fullmatch(text)
    return match is not None and is_public_host(match["host"])


def is_public_host(host: str) -> bool:
    """Returns whether a host is a name with a top-level domain, or not a private IPv4 address."""
    return bool(_TOP.fullmatch(host.rpartition(".")[2]) or _ADDRESS.fullmatch(host))
