"""Content negotiation: a header in, a decision out (RFC 9110 section 12.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

_MOST = 128
"""Parts of a header that are read: far more than any client sends; each part costs time."""


class _Range(NamedTuple):
    value: str
    quality: float
    order: int


def preferred(accept: str, offers: Sequence[str]) -> str:
    """Returns the media type of `offers` that `accept` prefers, "" if it accepts no offer.

    Between equals the more specific one wins, then the one that the header names first, then the
    earlier offer; an absent header accepts the first. A malformed part is ignored.
    """
    if not accept.strip():
        return offers[0]
    return _choose(_ranges(accept), offers, _fits_type)


def preferred_language(accept: str, offers: Sequence[str]) -> str:
    """Returns the language of `offers` that Accept-Language prefers, "" if it accepts no offer.

    `en` in the header matches the offer `en-GB`, and the other way round, after exact ones.
    """
    if not accept.strip():
        return offers[0]
    return _choose(_ranges(accept), offers, _fits_language)


def preferred_charset(accept: str, offers: Sequence[str]) -> str:
    """Returns the charset of `offers` that Accept-Charset prefers, "" if it accepts no offer."""
    if not accept.strip():
        return offers[0]
    return _choose(_ranges(accept), offers, _fits_token)


def preferred_encoding(accept: str, offers: Sequence[str]) -> str:
    """Returns the coding of `offers` that Accept-Encoding prefers, "" if it accepts no offer.

    `identity` is accepted, after all others, unless the header refuses it; an absent header
    accepts only it (RFC 9110 section 12.5.3: eggd sends no coding without a request for it).
    """
    ranges = _ranges(accept)
    chosen = _choose(ranges, offers, _fits_token)
    if chosen or "identity" not in offers:
        return chosen
    refused = any(_fits_token(r.value, "identity") and r.quality == 0 for r in ranges)
    return "" if refused else "identity"


def preferences(header: str) -> list[str]:
    """Returns the values of a header, the most preferred first, without refused ones."""
    ranges = [r for r in _ranges(header) if r.quality > 0 and r.value]
    return [r.value for r in sorted(ranges, key=lambda r: -r.quality)]


def media_type(content_type: str) -> str:
    """Returns the lower-cased type of a Content-Type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def type_is(kind: str, pattern: str) -> bool:
    """Returns whether a media range has a wildcard or a `+json` suffix."""
    if pattern.startswith("+"):
        return kind.endswith(pattern)
    wanted_main, _, wanted_sub = pattern.partition("/")
    main, _, sub = kind.partition("/")
    suffix = wanted_sub.startswith("*+") and sub.endswith(wanted_sub[1:])
    return wanted_main in ("*", main) and (wanted_sub in ("*", sub) or suffix)


def _choose(
    ranges: Sequence[_Range], offers: Sequence[str], fits: Callable[[str, str], int]
) -> str:
    best, best_rank = "", (0.0, 0, 0)
    for offer in offers:
        matches = [(fits(r.value, offer.lower()), -r.order, r.quality) for r in ranges]
        exact, order, quality = max(matches, default=(0, 0, 0.0))
        rank = (quality, exact, order)
        if exact and quality and (not best or rank > best_rank):
            best, best_rank = offer, rank
    return best


def _fits_type(value: str, offer: str) -> int:
    if value == offer:
        return 3
    if value == offer.partition("/")[0] + "/*":
        return 2
    return 1 if value == "*/*" else 0


def _fits_language(value: str, offer: str) -> int:
    if value == offer:
        return 4
    if value == offer.partition("-")[0]:
        return 3
    if value.partition("-")[0] == offer:
        return 2
    return 1 if value == "*" else 0


def _fits_token(value: str, offer: str) -> int:
    if value == offer:
        return 2
    return 1 if value == "*" else 0


def _ranges(header: str) -> list[_Range]:
    parts = header.split(",", _MOST)[:_MOST]
    return [_range(part, order) for order, part in enumerate(parts) if part.strip()]


def _range(part: str, order: int) -> _Range:
    kind, _, parameters = part.partition(";")
    quality = 1.0
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            quality = _number(value.strip())
    return _Range(kind.strip().lower(), quality, order)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0.0 <= number <= 1.0 else float(number > 1.0)
