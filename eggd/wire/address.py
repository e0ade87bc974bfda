"""The host in a URL that is shown to users (process:CL-22)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ANY = ("0.0.0.0", "::")
_good_name = re.compile(r"[A-Za-z0-9.:_-]+", re.ASCII).fullmatch


def shown_host(address: str, environ: Mapping[str, str]) -> str:
    """Returns the host of a URL for a listener at an address, in brackets if it contains colons.

    For a listener on all addresses it is the value of HOST if that is a valid name, else
    127.0.0.1.
    """
    if address in _ANY:
        name = environ.get("HOST", "")
        address = name if name not in _ANY and _good_name(name) else "127.0.0.1"
    return f"[{address}]" if ":" in address else address
