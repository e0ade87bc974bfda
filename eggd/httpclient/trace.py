"""The field `traceparent` of W3C Trace Context, level 1, section 3.2."""

from __future__ import annotations

import re
from random import Random

_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)
_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_bits = Random().getrandbits  # ids must differ, not be secret


def child_of(parent: str) -> str:
    """Returns a `traceparent` of the same trace with another parent id; a new trace for an invalid
    or empty one, sampled."""
    match = _PARENT.fullmatch(parent.strip())
    if match is None:
        return new_trace()
    return f"00-{match[1]}-{_bits(64) | 1:016x}-{match[2]}"


def new_trace(trace_id: str = "") -> str:
    """Returns a `traceparent` of a new trace, or of the trace with this id, if it is valid."""
    if not _TRACE_ID.fullmatch(trace_id):
        trace_id = f"{_bits(128) | 1:032x}"
    return f"00-{trace_id}-{_bits(64) | 1:016x}-01"
