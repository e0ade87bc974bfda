"""A file that was saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A saved file of a form, complete on disk (process:MP-30).

    It is removed if the answer is an error. Else it stays until `ctx.cleanup_request_files()`, or
    until the agent finds it older than `multipart.clean_schedule.max_age`: move it to keep it.
    """

    path: Path
    """Its place on disk; the name there is not the client's."""
    field: str
    """The name of the form's field."""
    filename: str
    """The client's name of the file, checked, without folders; never use it as a path."""
    size: int
    """Bytes."""
    mime: str
    """The media type that the client claims."""
    detected_mime: str
    """The media type by the first bytes, "" if it is unknown."""
    sha256: str
    """The SHA-256 of the content, in hexadecimal digits."""
    transfer_encoding: str = "7bit"
    """Content-Transfer-Encoding, which is not decoded (RFC 7578 section 4.7)."""
