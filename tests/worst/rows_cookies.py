"""Cookies of a request: their parser, signatures, encrypted values, and the User-Agent."""

from __future__ import annotations

from eggd.wire import cookie_support
from eggd.wire.cookie import parse_cookies
from eggd.wire.cookie_cipher import CookieCipher, prepare
from eggd.wire.keygrip import Keygrip
from tests.worst.rows import Row, one_turn

SIZE = 64 * 1024
"""Bytes of a field: four times what a head may have, for servers with a higher limit."""

FIELDS = {
    "semicolons": ";" * SIZE,
    "equals signs": "=" * SIZE,
    "quotes": '"' * SIZE,
    "backslashes in quotes": 'a="' + "\\" * SIZE,
    "quoted pairs": 'a="\\' * (SIZE // 4),
    "blanks": "; \t " * (SIZE // 4),
    "one long blank": ";" + " " * SIZE,
    "a long name": "a" * SIZE,
    "not ASCII": "\xe9" * SIZE,
    "the shortest pairs": "a=;" * (SIZE // 3),
    "names": "".join(f"n{number}=1;" for number in range(SIZE // 8)),
    "nameless pairs": "=a;" * (SIZE // 3),
}
AGENTS = {
    "Chromium": "Chrom" * (SIZE // 5),
    "versions": "Chrome/" + "1" * SIZE,
    "Macintosh": "(Macintosh; Mac OS X 10_14 " * (SIZE // 27),
    "iPhone": "(iPhone; CPU iPhone OS 12 " * (SIZE // 26),
    "UC": "UCBrowser/1.1" * (SIZE // 13),
}
KEYS = [f"key {number}" for number in range(8)]
"""More keys than a rotation has."""


def understood(agent: str) -> object:
    return cookie_support.accepts_same_site_none(agent), cookie_support.accepts_partitioned(agent)


def decrypted(value: str) -> object:
    cipher = CookieCipher(KEYS)
    return cipher.decrypt(value), cipher.open("shop", "a", value)


prepare()

ROWS = [
    *(
        Row(name=f"cookie: {name}", turns=one_turn(parse_cookies, text))
        for name, text in FIELDS.items()
    ),
    *(
        Row(name=f"user-agent: {name}", turns=one_turn(understood, text))
        for name, text in AGENTS.items()
    ),
    Row(
        name="cookie: a signature",
        turns=one_turn(Keygrip(KEYS).verify, "a=" + "x" * SIZE, "y" * SIZE),
    ),
    Row(name="cookie: encrypted", turns=one_turn(decrypted, "A" * SIZE)),
    Row(name="cookie: encrypted, authenticated", turns=one_turn(decrypted, "e1." + "A" * SIZE)),
]
