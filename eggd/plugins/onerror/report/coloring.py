"""Colors of Python source: keywords, texts, numbers and comments."""

from __future__ import annotations

import keyword
import tokenize
from collections.abc import Iterator, Mapping, Sequence

Color = tuple[int, int, str]
"""First and last character, and the kind: k(eyword), s(tring), n(umber), c(omment)."""

_MOST = 3_000
"""Lines of a file above which it stays without colors."""
_KINDS = {tokenize.STRING: "s", tokenize.NUMBER: "n", tokenize.COMMENT: "c"}
_WORDS = frozenset((*keyword.kwlist, "match", "case", "self", "cls")) - {"match", "case"}


def colors_of(file: str, lines: Sequence[str]) -> Mapping[int, Sequence[Color]]:
    """Returns the colors of each line; of a file that is not Python as far as it can be read."""
    colors: dict[int, list[Color]] = {}
    if not file.endswith(".py") or len(lines) > _MOST:
        return colors
    try:
        for token in tokenize.generate_tokens(iter(lines).__next__):
            for number, color in _colors(token, lines):
                colors.setdefault(number, []).append(color)
    except (tokenize.TokenError, SyntaxError, StopIteration, RecursionError):
        pass  # as far as it can be read
    return colors


def _colors(token: tokenize.TokenInfo, lines: Sequence[str]) -> Iterator[tuple[int, Color]]:
    """Yields the lines of a token, each with the characters and the kind."""
    kind = _KINDS.get(token.type, "")
    if token.type == tokenize.NAME and token.string in _WORDS:
        kind = "k"
    if not kind:
        return
    (first, start), (last, end) = token.start, token.end
    for number in range(first, last + 1):
        begin = start if number == first else 0
        stop = end if number == last else len(lines[number - 1].rstrip("\r\n"))
        yield number, (begin, stop, kind)
