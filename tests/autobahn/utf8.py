"""Autobahn's section 6: UTF-8 in text messages, after Markus Kuhn's stress test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.autobahn.case import PING, PONG, TEXT, Case, Step, Wait, failing, fragments, frame

MIXED = "Hello-\xb5@\xdf\xf6\xe4\xfc\xe0\xe1-UTF-8!!".encode()
GREEK = "\u03ba\u1f79\u03c3\u03bc\u03b5".encode()
EDITED = b"edited"


def _hex(line: str) -> list[bytes]:
    return [bytes.fromhex(each) for each in line.split()]


def _range(first: int, behind: int, between: bytes = b"") -> bytes:
    return b"".join(bytes([n]) + between for n in range(first, behind))


_LAST_MISSING = _hex("c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf")
_NONCHARACTERS = [
    each.encode()
    for plane in range(17)
    for each in (chr(plane << 16 | 0xFFFE), chr(plane << 16 | 0xFFFF))
]
SECTIONS: dict[int, list[bytes]] = {
    5: [*(f"hello{char}world".encode() for char in "$\xa2\u20ac\U00024b62"), GREEK],
    6: [GREEK[:size] for size in range(1, len(GREEK) + 1)],
    7: _hex("00 c280 e0a080 f0908080"),
    8: _hex("f888808080 fc8480808080"),
    9: _hex("7f dfbf efbfbf f48fbfbf"),
    10: _hex("f7bfbfbf fbbfbfbfbf fdbfbfbfbfbf"),
    11: _hex("ed9fbf ee8080 efbfbd f48fbfbf f4908080"),
    12: [*_hex("80 bf 80bf 80bf80 80bf80bf 80bf80bf80 80bf80bf80bf"), _range(0x80, 0xBF)],
    13: [
        _range(first, behind, b" ")
        for first, behind in (
            (0xC0, 0xDF),
            (0xE0, 0xEF),
            (0xF0, 0xF7),
            (0xF8, 0xFB),
            (0xFC, 0xFD),
        )
    ],
    14: _LAST_MISSING,
    15: [b"".join(_LAST_MISSING)],
    16: _hex("fe ff fefeffff"),
    17: _hex("c0af e080af f08080af f8808080af fc80808080af"),
    18: _hex("c1bf e09fbf f08fbfbf f887bfbfbf fc83bfbfbfbf"),
    19: _hex("c080 e08080 f0808080 f880808080 fc8080808080"),
    20: _hex("eda080 edadbf edae80 edafbf edb080 edbe80 edbfbf"),
    21: _hex(
        "eda080edb080 eda080edbfbf edadbfedb080 edadbfedbfbf"
        " edae80edb080 edae80edbfbf edafbfedb080 edafbfedbfbf"
    ),
    22: _NONCHARACTERS,
    23: [chr(n).encode() for n in range(0xFFF9, 0x10000)],
}


def _is_valid(payload: bytes) -> bool:
    """Judges by the table of RFC 3629 section 4, as Python's decoder has it."""
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def sequences() -> Iterator[Case]:
    for section, payloads in SECTIONS.items():
        for n, payload in enumerate(payloads, 1):
            number, sent = f"6.{section}.{n}", [frame(TEXT, payload)]
            if _is_valid(payload):
                yield Case(number, sent, [(TEXT, payload)])
            else:
                yield failing(number, sent, [], 1007)


def in_parts() -> Iterator[Case]:
    for n, parts in enumerate(([b""], [b""] * 3, [b"", b"middle frame payload", b""]), 1):
        yield Case(f"6.1.{n}", fragments(TEXT, parts), [(TEXT, b"".join(parts))])
    cut = MIXED.index("\xfc".encode())
    single = [[bytes([octet]) for octet in text] for text in (MIXED, GREEK)]
    for n, parts in enumerate(([MIXED], [MIXED[:cut], MIXED[cut:]], *single), 1):
        yield Case(f"6.2.{n}", fragments(TEXT, parts), [(TEXT, b"".join(parts))])
    bad = GREEK + bytes.fromhex("eda080") + EDITED
    yield failing("6.3.1", [frame(TEXT, bad)], [], 1007)
    yield failing("6.3.2", fragments(TEXT, [bytes([octet]) for octet in bad]), [], 1007)


def failing_fast() -> Iterator[Case]:
    """The connection must fail at the first octet that cannot belong to UTF-8: nothing follows."""
    beyond = bytes.fromhex("f4908080")
    bad = GREEK + beyond + EDITED
    alive: list[Step] = [frame(PING), Wait(1)]
    for n, parts in ((1, (GREEK, beyond)), (2, (bad[:12], bad[12:13]))):
        first, second = frame(TEXT, parts[0], fin=False), frame(0, parts[1], fin=False)
        yield failing(f"6.4.{n}", [first, *alive, second], [(PONG, b"")], 1007)
    whole = frame(TEXT, bad)
    head = len(whole) - len(bad)
    for n, cuts in ((3, (len(GREEK), len(GREEK) + 4)), (4, (12, 13))):
        pieces = [whole[: head + cuts[0]], whole[head + cuts[0] : head + cuts[1]]]
        yield failing(f"6.4.{n}", pieces, [], 1007)


def cases() -> Sequence[Case]:
    return [*in_parts(), *failing_fast(), *sequences()]
