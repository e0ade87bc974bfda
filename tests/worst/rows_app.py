"""Inputs that an application reads: JSON, content types, file names."""

from __future__ import annotations

from eggd.app.serving.json_read import read_json
from eggd.wire.disposition import content_disposition
from eggd.wire.negotiate import media_type, type_is
from tests.worst.rows import BODY, HEAD, UNITS, Row, one_turn

JSON_LIMIT = BODY
"""Bytes of JSON that the parser takes by default."""

JSON_UNITS = 4 * UNITS
"""The standard library alone takes 40 to 175 units for a MiB of empty objects, by the processor and
the load of its caches."""

JSONS = {
    "open brackets": b"[" * JSON_LIMIT,
    "nested": b"[" * (JSON_LIMIT // 2) + b"]" * (JSON_LIMIT // 2),
    "nested objects": b'{"a":' * (JSON_LIMIT // 6) + b"1" + b"}" * (JSON_LIMIT // 6),
    "empty objects": b"[" + b"{}," * (JSON_LIMIT // 3 - 2) + b"{}]",
    "digits": b"1" * JSON_LIMIT,
    "an exponent": b"1e" + b"9" * JSON_LIMIT,
    "numbers": b"[" + b"1e9," * (JSON_LIMIT // 4 - 2) + b"1]",
    "escapes": b'"' + b"\\u0041" * (JSON_LIMIT // 6 - 1) + b'"',
    "backslashes": b'"' + b"\\\\" * (JSON_LIMIT // 2 - 1) + b'"',
    "half surrogates": b'"' + b"\\ud800" * (JSON_LIMIT // 6 - 1) + b'"',
    "empty lists with blanks": b"[" + b"[ ]," * (JSON_LIMIT // 4 - 2) + b"[]]",
    "poison": b"[" + b'{"__proto__":1},' * (JSON_LIMIT // 17) + b"1]",
    "blanks": b" " * JSON_LIMIT,
}


ROWS = [
    *(
        Row(name=f"json: {n}", turns=one_turn(read_json, v), units=JSON_UNITS, memory=40 * BODY)
        for n, v in JSONS.items()
    ),
    Row(name="content-type: semicolons", turns=one_turn(media_type, ";" * HEAD)),
    Row(name="content-type: slashes", turns=one_turn(type_is, "/" * HEAD, "text/*")),
    Row(name="disposition: quotes", turns=one_turn(content_disposition, '"' * HEAD)),
    Row(name="disposition: not ASCII", turns=one_turn(content_disposition, "\u20ac" * HEAD)),
]
