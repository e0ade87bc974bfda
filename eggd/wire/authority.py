"""A host with its port, as the field Host and the target of a request have it.

Source: RFC 9110 section 7.2, RFC 3986 section 3.2.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address

# A port needs a host name before it; an empty Host is valid (RFC 9112 section 3.2).
_AUTHORITY = re.compile(
    rb"(?!:)(?:(?:[0-9A-Za-z\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*|\[([0-9A-Fa-f:.]{2,45})\])"
    rb"(?::([0-9]{0,5}))?"
)


def is_authority(text: bytes) -> bool:
    """Returns whether this is a host and a port, or empty, without user information.

    The host is a name, an IPv4 address, or an IPv6 address in brackets. A future kind of address
    (`[v1.x]`) is not accepted: no client sends one.
    """
    match = _AUTHORITY.fullmatch(text)
    if match is None or int(match[2] or 0) > 65535:
        return False
    return match[1] is None or _is_ipv6(match[1].decode())


@lru_cache(64)  # the same few addresses come again, and parsing takes 4 us
def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
