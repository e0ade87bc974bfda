"""What a path can make routes and guards do: each pattern with the paths that fit it almost."""

from __future__ import annotations

from eggd.app.routing.path import below, compile_path, decoded
from eggd.wire.percent import unquoted
from tests.worst.rows import HEAD, Row, one

PATTERNS = (
    *("/user/:id", "/archive/:year-:month-:day", "/:a-:b-:c-:d-:e", "/:name.:ext"),
    *("/feed/:name.:format?", "/a/:path(abc|xyz)*", "/:p(.*)*/edit", "/*/x/*", "/*-*-x"),
    *("/:a(.+)-:b(.+)-x", "/a/:x*/b/:y*", "/:a:b", "/:a*/x/:b*/y/:c*"),
)
PIECES = ("-", "a", "/", "a-", "/a", ".", "./", "x/b/", "%", "%2f")


def path(pattern: str, piece: str) -> str:
    """Returns as long a path as a head may hold, which begins as the pattern does."""
    start = pattern[: pattern.find(":")] if ":" in pattern else "/"
    return (start + piece * HEAD)[:HEAD] + "!"


ROWS = [
    *(
        Row(name=f"route {pattern}: {piece}", turns=one(compile_path(pattern).match, text))
        for pattern in PATTERNS
        for piece in PIECES
        for text in (path(pattern, piece),)
    ),
    *(
        Row(name=f"guard {pattern}: {piece}", turns=one(below(compile_path(pattern)).find, text))
        for pattern in PATTERNS
        for piece in PIECES
        for text in (path(pattern, piece),)
    ),
    *(
        Row(name=f"path {each.__name__}: {piece}", turns=one(each, piece * (HEAD // len(piece))))
        for each in (decoded, unquoted)
        for piece in ("%", "%2", "%ff", "%2f", "%e2%82")
    ),
]
