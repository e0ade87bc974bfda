"""Media types by name or file extension, with the charset that text is sent in (core:RES-11)."""

from __future__ import annotations

from eggd.wire.mime_table import TYPES

_NAMES = {
    "text": "text/plain",
    "form": "application/x-www-form-urlencoded",
    "urlencoded": "application/x-www-form-urlencoded",
    "multipart": "multipart/*",
}
"""Names of media types that are not extensions."""


def mime_type(name: str) -> str:
    """Returns the media type of `json`, `.json` or `a/b.json`; a media type is returned unchanged.

    "" for an unknown extension.
    """
    if name.count("/") == 1 and "." not in name.partition("/")[0] and not name.startswith("/"):
        return name
    extension = name.rpartition("/")[2].rpartition(".")[2].lower()
    return _NAMES.get(extension) or TYPES.get(extension, "")


def content_type(name: str) -> str:
    """Returns a Content-Type for `json` and its like, text in UTF-8; "" for an unknown one."""
    kind = mime_type(name)
    main = kind.partition(";")[0].strip().lower()
    textual = main.startswith("text/") or main == "application/json" or main.endswith("+json")
    return f"{kind}; charset=utf-8" if textual and "charset" not in kind else kind


def file_type(name: str) -> str:
    """Returns a Content-Type for a file's name, octets if its extension is unknown."""
    base = name.rpartition("/")[2]
    media_type = content_type("." + base.rpartition(".")[2]) if "." in base else ""
    return media_type or "application/octet-stream"
