"""Names of files as clients send them: never a path, checked as they are exposed (KW-58)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence

from eggd import ConfigError, HttpError
from eggd.plugins.multipart.errors import UploadError

DEFAULT_EXTENSIONS = frozenset(
    (
        *(".jpg", ".jpeg", ".png", ".gif", ".bmp", ".wbmp", ".webp", ".tif", ".psd", ".svg"),
        *(".js", ".jsx", ".json", ".css", ".less", ".html", ".htm", ".xml"),
        *(".zip", ".gz", ".tgz", ".gzip", ".mp3", ".mp4", ".avi"),
    )
)
"""The extensions that are accepted by default (process:MP-3)."""

Whitelist = Sequence[str] | Callable[[str], object] | None

_LONGEST = 255
"""Bytes of a file name, as of file systems."""
_forbidden = re.compile(r"[\x00-\x1f\x7f:;\ud800-\udfff]").search
_never = re.compile(r"[\x00-\x1f\x7f:;\ud800-\udfff/\\*]").search
"""Matches what is not in a name that `clean_name` returns, and wildcards, which match nothing."""
_plain_extension = re.compile(r"\.[a-z0-9_+-]{1,20}").fullmatch


def clean_name(name: str) -> str:
    """Returns a client's file name without folders, and without dots and blanks at its end.

    "" means that the user has chosen no file. Raises UploadError 400 for a name that no safe name
    is left of, that has a control character, `:` or `;`, or more than 255 bytes.
    """
    base = re.split(r"[/\\]", name)[-1].rstrip(". \t").lstrip(" \t")
    if name and (not base or _forbidden(base) or len(base.encode()) > _LONGEST):
        raise invalid_name(name)
    return base


def invalid_name(name: str) -> UploadError:
    """Returns the 400 for a file with a name that is not accepted (process:MP-4)."""
    text = "".join(each if each.isprintable() else "\ufffd" for each in name[:_LONGEST])
    return UploadError(400, f"Invalid filename: {text}")


def extension(name: str) -> str:
    """Returns the last extension in lower case, with its dot; "" without one."""
    stem, dot, last = name.rpartition(".")
    return f".{last.lower()}" if dot and stem else ""


def check_extensions(key: str, extensions: Sequence[str]) -> None:
    """Raises ConfigError for an extension of the config that no file name can have."""
    for each in extensions:
        dotted = f"x.{each.strip().removeprefix('.')}"
        if each.strip() and (_never(dotted) or extension(dotted) != dotted[1:].lower()):
            hint = "write the last extension of the name alone, such as '.pdf'"
            raise ConfigError(f"{key}: no file has the extension {each!r}", hint=hint)


def stored_extension(name: str) -> str:
    """Returns the extension for the name on disk: "" for one with unusual characters."""
    last = extension(name)
    return last if _plain_extension(last) else ""


def name_check(whitelist: Whitelist, more: Sequence[str]) -> Callable[[str], None]:
    """Returns the check of a name that `clean_name` returned (process:MP-3, MP-4).

    It raises UploadError 400: `Invalid filename: NAME`, or the message of an exception of the
    app's own function.
    """
    if callable(whitelist):
        return _own_check(whitelist)
    listed = DEFAULT_EXTENSIONS | set(_normal(more)) if whitelist is None else set(whitelist)
    accepted = frozenset(_normal(tuple(listed)))

    def check(name: str) -> None:
        if extension(name) not in accepted:
            raise invalid_name(name)

    return check


def _own_check(function: Callable[[str], object]) -> Callable[[str], None]:
    def check(name: str) -> None:
        try:
            accepted = function(name)
        except HttpError:
            raise
        except Exception as exc:
            raise UploadError(400, str(exc)) from exc
        if inspect.isawaitable(accepted) or not accepted:
            raise invalid_name(name)

    return check


def _normal(extensions: Sequence[str]) -> list[str]:
    """Returns extensions in lower case with a dot; "" stays."""
    lower = (each.strip().lower() for each in extensions)
    return [each if not each or each.startswith(".") else f".{each}" for each in lower]
