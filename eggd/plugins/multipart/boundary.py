"""The boundary in the Content-Type of a request (RFC 2046 section 5.1.1)."""

from __future__ import annotations

import re

from eggd.plugins.multipart.errors import UploadError
from eggd.plugins.multipart.parameters import parameters

LONGEST = 70
"""Characters of a boundary."""
_valid = re.compile(rb"[!-~](?:[ -~]*[!-~])?").fullmatch


def boundary_of(content_type: str) -> bytes:
    """Returns the boundary. Raises UploadError 400 for another media type, and for a boundary that
    is missing, empty, longer than 70 characters, or not printable (known:KW-50)."""
    kind, given = parameters(content_type.encode("latin-1"))
    if not kind.startswith("multipart/"):
        raise UploadError(400, "Content-Type must be multipart/*")
    value = given.get("boundary", b"")
    if len(value) > LONGEST or not _valid(value):
        raise UploadError(400, "Content-Type has no valid boundary")
    return value
