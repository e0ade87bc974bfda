"""Worst-case bodies for the decoders of forms and compressed bodies."""

from __future__ import annotations

import gzip
import zlib

from eggd.wire.form import FormLimits, parse_form
from eggd.wire.inflate import inflate
from tests.worst.rows import BODY, Row, one_turn

MEMBER = gzip.compress(b"", mtime=0)
COMPRESSED = {
    "empty members": MEMBER * (BODY // len(MEMBER)),
    "small members": gzip.compress(b"x", mtime=0) * (BODY // 21),
    "a bomb": gzip.compress(bytes(64 * BODY), mtime=0),
    "garbage behind a member": MEMBER + b"\0" * BODY,
}
FORMS = {
    "percent signs": "%" * BODY,
    "encoded": "%FF" * (BODY // 3),
    "dots": "a" + ".b" * (BODY // 2),
    "brackets": "a" + "[b]" * (BODY // 3),
    "open brackets": "[" * BODY,
    "ampersands": "&" * BODY,
    "pairs": "a=b&" * (BODY // 4),
    "one index each": "&".join(f"a[{n}]=" for n in range(BODY // 12)),
    "one name each": "&".join(f"a{n}=" for n in range(BODY // 9)),
    "equals signs": "=" * BODY,
    "deep ends": "a[b]=&" * (BODY // 6),
}

ROWS = [
    *(
        Row(name=f"gzip: {n}", turns=one_turn(inflate, v, "gzip", BODY))
        for n, v in COMPRESSED.items()
    ),
    Row(
        name="deflate: a bomb",
        turns=one_turn(inflate, zlib.compress(bytes(64 * BODY)), "deflate", BODY),
    ),
    *(
        Row(name=f"form: {n}", turns=one_turn(parse_form, v, FormLimits()), memory=24 * BODY)
        for n, v in FORMS.items()
    ),
]
