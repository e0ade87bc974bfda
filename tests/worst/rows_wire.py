"""Inputs that are read on demand: fields of a head, query strings and forms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from eggd.wire import conditional, negotiate, ranges
from eggd.wire.query import parse_query, with_aliases
from tests.worst.rows import HEAD, Row, one_turn

OFFERS = ["text/html", "application/json", "text/plain", "image/png", "application/xml"]
LISTS = {
    "many parts": "a," * (HEAD // 2),
    "many qualities": "a;q=0.1," * (HEAD // 8),
    "many parameters": "a/b" + ";a=b" * (HEAD // 4),
    "semicolons": ";" * HEAD,
    "a long quality": "a/b;q=" + "1" * HEAD,
    "languages": "en-a," * (HEAD // 5),
}
ACCEPTS: dict[str, Callable[..., object]] = {
    "accept": partial(negotiate.preferred, offers=OFFERS),
    "accept-language": partial(negotiate.preferred_language, offers=["en", "de", "zh-CN"]),
    "accept-encoding": partial(negotiate.preferred_encoding, offers=["gzip", "br", "identity"]),
    "accept-charset": partial(negotiate.preferred_charset, offers=["utf-8", "latin-1"]),
    "what a client wants": negotiate.preferences,
}
TAGS = {
    "tags": '"a",' * (HEAD // 4),
    "open tags": 'W/"' * (HEAD // 3),
    "quotes": '"' * HEAD,
    "commas": ", " * (HEAD // 2),
}
DATES = {
    "digits": "1" * HEAD,
    "weekdays": "Sun, " * (HEAD // 5),
    "colons": "Sun Nov 6 " + "08:" * (HEAD // 3),
    "blanks": " " * HEAD,
    "hyphens": "-" * HEAD,
    "parentheses": "(" * HEAD,
    "a long zone": "Sun, 06 Nov 1994 08:49:37 +" + "9" * 4000,
}
RANGES = {
    "blanks": "bytes=" + " " * HEAD,
    "many": "bytes=" + "0-1," * (HEAD // 4),
    "digits": "bytes=" + "1" * HEAD + "-",
}
CACHES = {
    "blanks": "," + " " * HEAD,
    "commas": ", " * (HEAD // 2),
    "nearly": "no-cache" + " " * HEAD + "x",
}
QUERIES = {
    "percent signs": "%" * HEAD,
    "encoded": "%FF" * (HEAD // 3),
    "pairs": "a=b&" * (HEAD // 4),
    "ampersands": "&" * HEAD,
    "one key": "a&" * (HEAD // 2),
    "brackets": "a[]=&" * (HEAD // 5),
}


def fresh(tags: str = "", cache: str = "") -> object:
    return conditional.is_fresh(
        none_match=tags or '"a"', since="", cache=cache, etag='"b"', modified=""
    )


def query(text: str) -> object:
    return with_aliases(parse_query(text))


ROWS = [
    *(
        Row(name=f"{field}: {name}", turns=one_turn(call, value))
        for field, call in ACCEPTS.items()
        for name, value in LISTS.items()
    ),
    *(
        Row(name=f"if-none-match: {name}", turns=one_turn(fresh, value))
        for name, value in TAGS.items()
    ),
    *(
        Row(name=f"cache-control: {name}", turns=one_turn(fresh, "", v))
        for name, v in CACHES.items()
    ),
    *(
        Row(name=f"date: {name}", turns=one_turn(conditional.seconds_of, v))
        for name, v in DATES.items()
    ),
    *(
        Row(name=f"range: {name}", turns=one_turn(ranges.byte_ranges, v, 9))
        for name, v in RANGES.items()
    ),
    *(Row(name=f"query: {name}", turns=one_turn(query, value)) for name, value in QUERIES.items()),
]
