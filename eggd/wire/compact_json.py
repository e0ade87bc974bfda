"""A JSON encoder that is created once: `JSONEncoder.encode` creates one for each value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def encoder(default: Callable[[object], object]) -> Callable[[object], str]:
    """Returns a function that encodes a value without blanks and without escapes beyond JSON's.

    `default` replaces a value that JSON cannot represent, or raises TypeError. The function raises
    ValueError for NaN and infinite numbers, and RecursionError for a value that contains itself.
    """
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # a Python without the module in C
        return json.JSONEncoder(
            ensure_ascii=False,
            check_circular=False,
            allow_nan=False,
            separators=(",", ":"),
            default=default,
        ).encode
    text = json.encoder.encode_basestring
    chunks = make(None, default, text, None, ":", ",", False, False, False)
    return lambda value: "".join(chunks(value, 0))
