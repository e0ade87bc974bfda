"""Content-Disposition: the name under which a client saves a file (RFC 6266, core:RES-14)."""

from __future__ import annotations

import re
from urllib.parse import quote

_ODD = re.compile(r"[^\x20-\x7e]")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


def content_disposition(filename: str = "", kind: str = "attachment") -> str:
    """Returns the field's value, with the part of `filename` after its last slash.

    A name that is not plain ASCII appears twice, complete in `filename*` (RFC 8187).
    """
    name = filename.replace("\\", "/").rpartition("/")[2]
    if not name:
        return kind
    plain = _ODD.sub("?", name).replace('"', '\\"')
    value = f'{kind}; filename="{plain}"'
    if _ODD.search(name) or _ESCAPE.search(name):
        value += f"; filename*=UTF-8''{quote(name, safe='!#$&+^`|~', errors='replace')}"
    return value
