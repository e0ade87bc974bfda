"""Worst-case paths for patterns of routes and of `router.use`: long paths that almost match."""

from __future__ import annotations

from eggd.app.routing.path import below, compile_path, decode
from eggd.wire.percent import percent_decode
from tests.worst.rows import HEAD, Row, one_turn

PATTERNS = (
    "/user/:id",
    "/archive/:year-:month-:day",
    "/:a-:b-:c-:d-:e",
    "/:name.:ext",
    "/feed/:name.:format?",
    "/a/:path(abc|xyz)*",
    "/:p(.*)*/edit",
    "/*/x/*",
    "/*-*-x",
    "/:a(.+)-:b(.+)-x",
    "/a/:x*/b/:y*",
    "/:a:b",
    "/:a*/x/:b*/y/:c*",
)
PIECES = ("-", "a", "/", "a-", "/a", ".", "./", "x/b/", "%", "%2f")


def path(pattern: str, piece: str) -> str:
    """Returns the pattern's literal prefix, then `piece` repeated up to HEAD bytes, then "!".

    The "!" makes the match fail at the end.
    """
    start = pattern[: pattern.find(":")] if ":" in pattern else "/"
    return (start + piece * HEAD)[:HEAD] + "!"


ROWS = [
    *(
        Row(
            name=f"route {pattern}: {piece}",
            turns=one_turn(compile_path(pattern).match, path(pattern, piece)),
        )
        for pattern in PATTERNS
        for piece in PIECES
    ),
    *(
        Row(
            name=f"use layer {pattern}: {piece}",
            turns=one_turn(below(compile_path(pattern)).find, path(pattern, piece)),
        )
        for pattern in PATTERNS
        for piece in PIECES
    ),
    *(
        Row(
            name=f"path {each.__name__}: {piece}",
            turns=one_turn(each, piece * (HEAD // len(piece))),
        )
        for each in (decode, percent_decode)
        for piece in ("%", "%2", "%ff", "%2f", "%e2%82")
    ),
]
