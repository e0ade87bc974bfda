"""Content negotiation: a header in, a decision out (RFC 9110 section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence


def preferred(accept: str, offers: Sequence[str]) -> str:
    """Return the media type of `offers` that `accept` likes best, "" when it likes none.

    Between equals the earlier offer wins; an absent header accepts the first. A malformed part of
    the header counts for nothing.
    """
    if not accept.strip():
        return offers[0]
    ranges = [_range(part) for part in accept.split(",")]
    best, best_quality = "", 0.0
    for offer in offers:
        quality = _quality(offer, ranges)
        if quality > best_quality:
            best, best_quality = offer, quality
    return best


def media_type(content_type: str) -> str:
    """Return the lower-cased type of a Content-Type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def _range(part: str) -> tuple[str, float]:
    kind, _, parameters = part.partition(";")
    quality = 1.0
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            quality = _number(value.strip())
    return kind.strip().lower(), quality


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _quality(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    wanted = (offer, offer.partition("/")[0] + "/*", "*/*")
    for pattern in wanted:
        found = [quality for kind, quality in ranges if kind == pattern]
        if found:
            return max(found)
    return 0.0
