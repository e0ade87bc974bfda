"""The answers to uploads that are refused (process:MP-11, MP-12, MP-23)."""

from __future__ import annotations

from collections.abc import Mapping

from eggd import HttpError

_STATUS = {"headerSize": 431, "headers": 431}
"""The status of limits whose excess is not content (RFC 6585 section 5); of all others 413."""


class UploadError(HttpError):
    """A refused upload: 400 for a malformed one."""


class LimitError(UploadError):
    """An upload above a limit."""

    def __init__(self, limit: str, message: str = "") -> None:
        """`limit` is its name as Egg writes it, such as `fileSize`."""
        super().__init__(
            _STATUS.get(limit, 413),
            message or f"Reach {limit} limit",
            code=f"Request_{limit}_limit",
        )


class MultipartFileTooLargeError(LimitError):
    """A file above `file_size`, met while a handler reads it (process:MP-23)."""

    def __init__(self, fields: Mapping[str, object], filename: str) -> None:
        super().__init__("fileSize", "Request file too large, please check multipart config")
        self.fields = dict(fields)
        """The fields before the file."""
        self.filename = filename
        """The client's name of the file."""


def quoted(data: bytes) -> str:
    """Returns the first bytes of a header line as quoted text, for a message."""
    return repr(data[:80].decode("utf-8", "replace"))


def malformed(what: str) -> UploadError:
    """Returns the 400 for a body that is not well-formed."""
    return UploadError(400, f"Malformed multipart body: {what}")
