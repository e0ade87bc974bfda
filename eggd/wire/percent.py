"""Percent-decoding in linear time, also of malformed text (RFC 3986 section 2.1).

`urllib.parse.unquote` spends half a second on a megabyte of `%`; here an escape costs no call.
"""

from __future__ import annotations

import re
from binascii import a2b_qp

MAX_MALFORMED = 10_000
"""Malformed escapes that one text may hold; a text with more of them is not decoded at all."""

_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")


def mend(text: str) -> str | None:
    """Returns the text with `%25` for each malformed escape's `%`; None for a text with too many.

    Parts of the result may be given to `unescape`.
    """
    if "%" not in text:
        return text
    whole, count = _MALFORMED.subn("%25", text, count=MAX_MALFORMED + 1)
    return whole if count <= MAX_MALFORMED else None


def unescape(text: str) -> str:
    """Returns a mended text, decoded, `+` as a blank; bad UTF-8 becomes U+FFFD."""
    return _decode(text.replace("+", " "))


def percent_decode(text: str, errors: str = "replace") -> str:
    """Returns a text, decoded, or unchanged if it has more than `MAX_MALFORMED` malformed escapes.

    `errors` is the handler of bad UTF-8, as for `bytes.decode`; "strict" raises
    UnicodeDecodeError.
    """
    whole = mend(text)
    return text if whole is None else _decode(whole, errors)


def _decode(text: str, errors: str = "replace") -> str:
    if "%" not in text:
        return text
    # Quoted-printable has the same escapes after `=`, and Python decodes it in C.
    quoted = text.encode(errors="replace").replace(b"=", b"=3D").replace(b"%", b"=")
    return a2b_qp(quoted).decode(errors=errors)


def as_sent(text: str) -> str:
    """Returns a text unchanged; replaces `unescape` for a text that `mend` rejects."""
    return text
