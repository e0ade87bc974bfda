"""The ids of a request: X-Request-Id, `traceparent` and `tracestate` (W3C Trace Context, level 1,
sections 3.2 and 3.3)."""

from __future__ import annotations

import os
import re
from random import Random

_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)
_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SIMPLE_KEY = "[a-z][a-z0-9_*/-]{0,255}"
_TENANT_KEY = "[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}"
_STATE = re.compile(rf"(?:{_SIMPLE_KEY}|{_TENANT_KEY})=[ -+\--<>-~]{{0,255}}[!-+\--<>-~]")
_MOST_STATES = 32
_LONGEST_STATE = 4096
"""Characters of a `tracestate` that is read; 512 must be passed on."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+=@~-]{0,127}")
_random = Random()  # ids must differ, not be secret
_bits = _random.getrandbits
_BATCH = 256
"""Ids that are made at once: one alone takes five times as long."""
SPARE_IDS: list[str] = []
"""Ids for `new_id`, which may be popped instead of a call."""


def _after_fork() -> None:
    """Gives a forked child other ids than its parent has."""
    SPARE_IDS.clear()
    _random.seed()


os.register_at_fork(after_in_child=_after_fork)


def child_of(parent: str, trace_id: str = "") -> str:
    """Returns a `traceparent` of the same trace with another parent id; one of a new trace for an
    invalid or empty one, sampled, with `trace_id` if that is a valid id or UUID."""
    match = _PARENT.fullmatch(parent.strip())
    if match is None:
        return new_trace(trace_id)
    return f"00-{match[1]}-{_bits(64) | 1:016x}-{match[2]}"


def new_trace(trace_id: str = "") -> str:
    """Returns a `traceparent` of a new trace, or of the trace with this id or UUID, if valid."""
    trace_id = _plain(trace_id) if is_trace(trace_id) else new_id()
    return f"00-{trace_id}-{_bits(64) | 1:016x}-01"


def is_trace(trace_id: str) -> bool:
    """Returns whether a text can be the id of a trace: 32 hexadecimal digits, or a UUID."""
    return _TRACE_ID.fullmatch(_plain(trace_id)) is not None


def trace_of(parent: str) -> str:
    """Returns the trace id of a `traceparent`, "" if that is invalid."""
    match = _PARENT.fullmatch(parent.strip()) if parent else None
    return match[1] if match is not None else ""


def state_of(value: str) -> str:
    """Returns the members of a `tracestate` joined by commas; "" if one of them is invalid or twice
    there, or if there are more than 32."""
    if len(value) > _LONGEST_STATE:
        return ""
    members = [member for each in value.split(",") if (member := each.strip(" \t"))]
    keys = {member.partition("=")[0] for member in members}
    valid = len(keys) == len(members) <= _MOST_STATES and all(map(_STATE.fullmatch, members))
    return ",".join(members) if valid else ""


def new_id() -> str:
    """Returns the id of a new trace: 32 hexadecimal digits."""
    try:
        return SPARE_IDS.pop()
    except IndexError:
        own, *more = _new_ids()
        SPARE_IDS.extend(more)
        return own


def _new_ids() -> list[str]:
    # One call of the kernel for many. The invalid id of zeros is as unlikely as one that exists.
    return os.urandom(16 * _BATCH).hex(" ", 16).split(" ")


def request_id_of(value: str) -> str:
    """Returns the value of X-Request-Id if it is fit for a log line and a field, else ""."""
    return value if value and _REQUEST_ID.fullmatch(value) else ""


def _plain(trace_id: str) -> str:
    return trace_id.replace("-", "").lower()
