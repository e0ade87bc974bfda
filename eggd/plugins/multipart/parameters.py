"""Parameters of header fields: `form-data; name="a"; filename*=UTF-8''b` (RFC 7578, RFC 8187).

Browsers write `%22`, `%0D` and `%0A` for quotes and line ends in names; other clients `\\"`. Old
browsers sent paths with bare backslashes, so a backslash escapes only a quote or itself.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from eggd.plugins.multipart.errors import malformed, quoted

CHARSETS = frozenset(
    (
        *("utf-8", "utf8", "us-ascii", "ascii", "gbk", "gb2312", "gb18030", "big5", "koi8-r"),
        *("shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "latin1"),
        *(f"iso-8859-{part}" for part in range(1, 17) if part != 12),
        *(f"windows-125{page}" for page in range(9)),
    )
)
"""The charsets that a client may name: Python remembers every name that it is asked for, and knows
codecs that are not charsets."""

_kind = re.compile(rb"[^;\s]*").match
_parameter = re.compile(
    rb"[ \t]*;[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*=[ \t]*"
    rb'(?:"((?:[^"\\]|\\.)*+)"|([^;"]*)))?)?[ \t]*'
).match
_escape = re.compile(r'\\(["\\])')
_extended = re.compile(rb"([^']*)'[^']*'(.*)", re.DOTALL).fullmatch


def parameters(value: bytes) -> tuple[str, dict[str, bytes]]:
    """Returns the first word of a field in lower case, and its parameters as raw bytes by name.

    Raises UploadError if it is malformed, or has a parameter twice.
    """
    match = _kind(value)
    assert match is not None
    kind, at = match[0].decode("latin-1").lower(), match.end()
    result: dict[str, bytes] = {}
    while at < len(value):
        each = _parameter(value, at)
        if each is None:
            if not value[at:].strip():
                break
            raise malformed(f"parameters of a header field: {quoted(value)}")
        at = each.end()
        if each.lastindex in (None, 1):  # without a value
            continue
        name = each[1].decode("ascii").lower()
        if name in result:
            raise malformed(f"repeated parameter {name} of a header field")
        result[name] = each[3].strip() if each[2] is None else each[2]
    return kind, result


def text_of(given: dict[str, bytes], name: str, charset: str) -> str | None:
    """Returns a parameter as text, None without it; its extended form (`name*`) comes first."""
    extended = given.get(f"{name}*")
    match = _extended(extended) if extended is not None else None
    if match is not None:
        return decode(unquote_to_bytes(match[2]), match[1].decode("latin-1") or charset, charset)
    value = given.get(name, extended)
    return None if value is None else unescaped(decode(value, charset, charset))


def unescaped(text: str) -> str:
    """Returns text without the escapes that clients use inside quotes."""
    text = _escape.sub(r"\1", text) if "\\" in text else text
    if "%" in text:
        for escape, character in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
            text = text.replace(escape, character)
    return text


def decode(data: bytes, charset: str, default: str) -> str:
    """Returns bytes as text, by `default` if `charset` is not one of `CHARSETS` (known:KW-59).

    Bytes that are not of the charset become U+FFFD.
    """
    name = charset.lower()
    return data.decode(name if name in CHARSETS else default, "replace")
