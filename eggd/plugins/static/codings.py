"""Chooses the content coding of a response (RFC 9110 section 12.5.3, known:KW-65, KW-67)."""

from __future__ import annotations

from collections.abc import Collection

from eggd import Context
from eggd.plugins.static.stored_file import CODINGS

_MOST = 256
"""Values of Accept-Encoding that are remembered; browsers send a few."""


class Codings:
    """Knows the codings that clients have accepted."""

    def __init__(self) -> None:
        self._accepted: dict[str, frozenset[str]] = {}

    def choose(self, ctx: Context, offers: Collection[str]) -> str:
        """Returns the best coding of `offers` that the client accepts; "" for the file itself.

        Ranges are of the file itself, as clients expect that do not decode parts, unless If-Range
        has the tag of a compressed file.
        """
        header = ctx.get("accept-encoding")
        if not header:
            return ""
        accepted = self._accepted.get(header)
        if accepted is None:
            accepted = self._accept(ctx, header)
        best = next((each for each in CODINGS if each in offers and each in accepted), "")
        if best and "range" in ctx.exchange.headers:
            return best if ctx.get("if-range").endswith(f'-{best}"') else ""
        return best

    def _accept(self, ctx: Context, header: str) -> frozenset[str]:
        accepted = frozenset(each for each in CODINGS if ctx.accepts_encodings(each) == each)
        if len(self._accepted) >= _MOST:
            self._accepted.clear()
        self._accepted[header] = accepted
        return accepted
