"""A path that does not leave a folder (process:HLP-5)."""

from __future__ import annotations

from eggd.plugins.security.helpers.plain import is_plain

_HEX = frozenset("0123456789abcdefABCDEF")


def spath(value: object) -> object:
    """Returns the path unchanged if it stays below a folder, else None.

    A path that begins with `/`, or contains `..` or NUL, is refused, however often it is
    percent-encoded. None and numbers are returned unchanged; a value
    of another type is refused.
    """
    if is_plain(value):
        return value
    if not isinstance(value, str):
        return None
    path = _decoded(value) if "%" in value else value
    return None if ".." in path or "\0" in path or path.startswith("/") else value


def _decoded(text: str) -> str:
    """Returns the text decoded until nothing is left to decode, in one pass.

    A decoded character may complete an earlier `%`: `%%32%35` is `%25`, and that is `%`.
    """
    done: list[str] = []
    for character in text:
        done.append(character)
        while len(done) > 2 and done[-3] == "%" and done[-2] in _HEX and done[-1] in _HEX:
            done[-3:] = chr(int(done[-2] + done[-1], 16))
    return "".join(done)
