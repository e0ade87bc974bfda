"""Conditional requests: validators in, a decision out (RFC 9110 sections 8.8 and 13)."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime

_NO_CACHE = re.compile(r"(?:^|,)\s*no-cache\s*(?:,|$)", re.IGNORECASE)
_TAG = re.compile(r'(?:W/)?"[^"]*"')


def quoted_etag(tag: str) -> str:
    """Returns an entity tag in quotes, as the field needs it (core:RES-12)."""
    return tag if _TAG.fullmatch(tag) else f'"{tag}"'


def etag_of(data: bytes) -> str:
    """Returns the strong entity tag of some content."""
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    return f'"{len(data):x}-{base64.urlsafe_b64encode(digest).decode().rstrip("=")}"'


def etag_of_file(size: int, changed: int) -> str:
    """Returns the entity tag of a file from its size and the nanosecond of its last change."""
    return f'"{size:x}-{changed:x}"'


def http_date(moment: float) -> str:
    """Returns seconds since the epoch as `Sun, 06 Nov 1994 08:49:37 GMT` (core:X-9)."""
    return formatdate(moment, usegmt=True)


def seconds_of(date: str) -> int | None:
    """Returns the seconds since the epoch of an HTTP date, None for any other text.

    The obsolete form `Sun Nov  6 08:49:37 1994` has no zone and is UTC (RFC 9110 section 5.6.7).
    """
    try:
        moment = parsedate_to_datetime(date)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def is_fresh(*, none_match: str, since: str, cache: str, etag: str, modified: str) -> bool:
    """Returns whether the client's copy is still valid (core:REQ-14).

    If-None-Match alone decides if it was sent (RFC 9110 section 13.1.3), by weak comparison;
    with Cache-Control: no-cache the copy is never valid.
    """
    if _NO_CACHE.search(cache):
        return False
    if none_match:
        return _listed(etag, none_match, weak=True)
    asked, changed = seconds_of(since), seconds_of(modified)
    return asked is not None and changed is not None and changed <= asked


def is_refused(*, match: str, since: str, etag: str, modified: str) -> bool:
    """Returns whether If-Match, else If-Unmodified-Since, fails: 412."""
    if match:
        return not _listed(etag, match, weak=False)
    asked, changed = seconds_of(since), seconds_of(modified)
    return asked is not None and changed is not None and changed > asked


def range_holds(if_range: str, *, etag: str, modified: str) -> bool:
    """Returns whether a range may be sent: If-Range is absent or names the current content."""
    if not if_range:
        return True
    if '"' in if_range:
        return bool(etag) and not etag.startswith("W/") and if_range == etag
    asked = seconds_of(if_range)
    return asked is not None and asked == seconds_of(modified)


def _listed(etag: str, tags: str, *, weak: bool) -> bool:
    if tags.strip() == "*":
        return True
    if not etag or (not weak and etag.startswith("W/")):
        return False
    listed = _TAG.findall(tags)
    if weak:
        return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in listed]
    return etag in listed
