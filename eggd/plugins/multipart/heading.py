"""The header fields of a part as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eggd.plugins.multipart.parameters import decode, parameters, text_of, unescaped


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The meaning of a part's header fields."""

    name: str
    """The name of the form's field."""
    filename: str | None
    """The client's name of a file, not checked; None for a field."""
    mime: str
    """The media type, "" without one."""
    charset: str
    """The charset of the part's media type, "" without one."""
    transfer_encoding: str


def heading_of(headers: Mapping[str, bytes], charset: str) -> Heading | None:
    """Returns the heading of a part of a form; None for one that is skipped: without `form-data` in
    Content-Disposition, or without a name (known:KW-51).

    Names are of `charset`. Raises UploadError for malformed parameters.
    """
    kind, given = parameters(headers.get("content-disposition", b""))
    name = unescaped(decode(given.get("name", b""), charset, charset))
    if kind != "form-data" or not name:
        return None
    mime, of_type = parameters(headers.get("content-type", b""))
    return Heading(
        name=name,
        filename=text_of(given, "filename", charset),
        mime=mime,
        charset=of_type.get("charset", b"").decode("latin-1"),
        transfer_encoding=headers.get("content-transfer-encoding", b"7bit").decode("latin-1"),
    )
