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
    if not is_multipart(content_type):
        raise UploadError(400, "Content-Type must be multipart/*")
    value = parameters(content_type.encode("latin-1"))[1].get("boundary", b"")
    if len(value) > LONGEST or not _valid(value):
        raise UploadError(400, "Content-Type has no valid boundary")
    return value


def is_multipart(content_type: str) -> bool:
    """Returns whether a Content-Type is of multipart content."""
    return content_type[:10].lower() == "multipart/"
