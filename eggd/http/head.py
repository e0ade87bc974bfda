"""The head of a request, checked on its raw bytes (RFC 9112 sections 2 to 6).

This module alone decides which heads are valid. It is pure: bytes in, a `Head` or an `HttpError`
out. `match_usual`, one regular expression, is the hot path; `read_unusual` takes all other heads
and explains the malformed ones.

Possessive repeats keep a hostile head linear. A *group* is never possessive here: Python 3.11.2
(Debian 12) forgets to backtrack inside one (cpython gh-106052).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from eggd.errors import HttpError
from eggd.wire.authority import is_authority

Head = re.Match[bytes]
"""A valid head: the match of the whole head, or of its request line (`match_line`), with the groups
below. Its `string` begins with the head. A class around it would cost each request 1,700
instructions."""

HEADER_COUNT = 100
"""Header fields in one head; more is 431."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_PATH = rb"/[!-\"$->@-~]*+"
_QUERY = rb"(?:\?([!-\"$-~]*+))?"
_VALUE = rb"[\t -~\x80-\xff]*+\r\n"
_FIELD = _TOKEN + rb"++:" + _VALUE
# Of valid values those that need no further check; `is_authority` decides about the others.
_HOST = rb"(?!:)[0-9A-Za-z\-._~]*+(?::(?:[0-5]?[0-9]{0,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}))?"
_METHOD = rb"(?!CONNECT )(%b++)" % _TOKEN
_REST = rb" HTTP/1\.([01])\r\n(?:%b){0,%d}\r\n" % (_FIELD, HEADER_COUNT)

_USUAL_METHOD = rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)"

_FRAMING = (
    rb"[Hh][Oo][Ss][Tt]:"
    rb"|[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll]"
    rb"|[Tt][Rr][Aa][Nn][Ss][Ff][Ee][Rr]-"
)
_CONNECTION = rb"[Cc][Oo][Nn][Nn][Ee][Cc][Tt][Ii][Oo][Nn]:(?! ?[Kk]eep-[Aa]live\r)"
_OTHER_FIELD = rb"(?:[!#$%%&'*+\-.^_`|~0-9ABD-GI-SU-Zabd-gi-su-z]|(?!%b)[CcHhTt])%b*+:%b"
_LINE = rb"%b (%b)%b HTTP/1\.([%b])\r\n"
_ONE_PASS = (
    _LINE + rb"(?:%b){0,40}[Hh]ost:[ \t]*+%b[ \t]*+\r\n"
    rb"(?:%b){0,29}(?:[Cc]ontent-[Ll]ength:[ \t]*+([0-9]{1,15})[ \t]*+\r\n(?:%b){0,29})?\r\n"
)


def _one_pass(method: bytes, minor: bytes, excluded: bytes) -> Callable[[bytes], Head | None]:
    """Returns a function that matches a whole head in origin-form with one valid Host, at most one
    Content-Length behind it (group 5), and no field with a start that is `excluded`."""
    field = _OTHER_FIELD % (excluded, _TOKEN, _VALUE)
    return re.compile(_ONE_PASS % (method, _PATH, _QUERY, minor, field, _HOST, field, field)).match


match_usual = _one_pass(_USUAL_METHOD, rb"1", _FRAMING + rb"|" + _CONNECTION)
"""Matches most heads, all of them valid, with one of these methods, and no Connection field but
`keep-alive`: the connection persists."""

match_line = re.compile(_LINE % (_USUAL_METHOD, _PATH, _QUERY, rb"1")).match
"""Matches the request line of such a head. With valid field lines behind it the head is valid."""

_plain = _one_pass(_METHOD, rb"01", _FRAMING)
_origin = re.compile(rb"%b (%b)%b%b" % (_METHOD, _PATH, _QUERY, _REST)).match
_asterisk = re.compile(rb"(OPTIONS) (\*)((?!))?%b" % _REST).match
_absolute = re.compile(
    rb"%b https?://([^/?# ]++)(/[!-\"$->@-~]*+)?%b HTTP/1\.[01](?=\r\n)" % (_METHOD, _QUERY),
    re.IGNORECASE,
).match
_request_line = re.compile(rb"%b++ [!-\"$-~]++ HTTP/([0-9]\.[0-9])\r\n" % _TOKEN).match
_field = re.compile(_FIELD).match
_blank_lines = re.compile(rb"(?:\r\n)*+").match
_connect = re.compile(rb"CONNECT [^ \r\n]++ HTTP/1\.[01]\r\n").match
_later_minor = re.compile(rb"%b++ [!-\"$-~]++ HTTP/1\.([2-9])(?=\r\n)" % _TOKEN).match
_host_line = re.compile(rb"\r\nhost:([^\r]*+)(?=\r\n)", re.IGNORECASE)
_bare = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f]").search

METHOD, PATH, QUERY, MINOR, LENGTH = 1, 2, 3, 4, 5
"""Groups of a head. QUERY is None without `?`; MINOR is the minor version; LENGTH, the value of
Content-Length, is a group of the heads of `match_usual` and `_plain` only."""


def is_1_1(head: Head) -> bool:
    """Returns whether the request's version is HTTP/1.1, not 1.0."""
    return head[MINOR] == b"1"


def field_values(head: Head, *names: bytes) -> list[list[bytes]]:
    """Returns the values of each named field (names in lower case), in the order sent."""
    lines = field_lines(head)
    lower = lines.lower()
    return [_values(lines, lower, b"\r\n%b:" % name) for name in names]


def _values(lines: bytes, lower: bytes, start: bytes) -> list[bytes]:
    values: list[bytes] = []
    at = lower.find(start)
    while at >= 0:
        end = lower.find(b"\r", at + 2)
        values.append(lines[at + len(start) : end].strip(b" \t"))
        at = lower.find(start, end)
    return values


def field_lines(head: Head) -> bytes:
    """Returns the bytes of a whole head behind its request line, from its CRLF on."""
    return head.string[head.end(MINOR) : head.end()]


def persists(head: Head) -> bool:
    """Returns whether the connection persists after the request (RFC 9112 section 9.3)."""
    if head.string.find(b"\r\nConnection: close\r\n", head.end(MINOR), head.end()) >= 0:
        return False  # what proxies send: found at a fifth of the cost below
    values = b",".join(field_values(head, b"connection")[0])
    options = [option.strip(b" \t").lower() for option in values.split(b",")]
    return b"close" not in options and (is_1_1(head) or b"keep-alive" in options)


def is_decided(data: bytes, start: int) -> bool:
    """Returns whether an incomplete head is now complete or malformed, or begins with empty lines.

    The bytes before `start` were checked before: a client that sends byte by byte costs linear
    time.
    """
    ended = data.find(b"\r\n\r\n", max(start - 3, 0)) >= 0 or data.startswith(b"\r\n")
    return ended or _bare(data, max(start - 1, 0)) is not None


def without_blank_lines(data: bytes) -> bytes:
    """Returns the data without empty lines before a request (RFC 9112 section 2.2)."""
    blank = _blank_lines(data) if data.startswith(b"\r\n") else None
    return data[blank.end() :] if blank else data


def read_unusual(data: bytes, limit: int) -> tuple[Head, int | None] | None:
    """Returns any valid head that `data` begins with, and the length of its body (None: chunked).

    Returns None if the head is incomplete. Two forms are rewritten, so that the head's `string`
    differs from `data`: an absolute-form target becomes origin-form with its authority as Host (RFC
    9112 section 3.2.2), and HTTP/1.2 and later become HTTP/1.1 (RFC 9110 section 2.5). Raises
    HttpError.
    """
    head = _plain(data)
    if head is not None and head.end() <= limit:
        return head, int(head[LENGTH] or 0)
    end = data.find(b"\r\n\r\n") + 4
    if end < 4:
        _check_partial(data, limit)
        return None
    if end > limit:
        raise _too_long(data, limit)
    data = _as_1_1(data)
    head = _origin(data) or _asterisk(data) or _rewritten(data)
    if head is None:
        raise _reason(data, end)
    return head, _body_length(head)


def _too_long(data: bytes, limit: int) -> HttpError:
    """Returns 414 when the request line alone is above the limit, else 431 (RFC 6585)."""
    if b"\r\n" not in data[:limit]:
        return HttpError(414, f"request line of more than {limit} bytes")
    return HttpError(431, f"headers of more than {limit} bytes")


def _body_length(head: Head) -> int | None:
    """Returns how many bytes of body follow the head, None for chunked (RFC 9112 section 6.3).

    Raises HttpError 400 for a missing, second or malformed Host, for lengths that are malformed,
    differ or stand beside Transfer-Encoding, and 501 for a transfer coding other than chunked.
    """
    hosts, lengths, codings = field_values(head, b"host", b"content-length", b"transfer-encoding")
    _check_host(hosts, needed=is_1_1(head))
    if codings:
        _check_coding(head, codings, lengths)
        return None
    if not lengths:
        return 0
    length = lengths[0]
    if len(lengths) > 1 or not length.isdigit() or len(length) > 18:
        raise HttpError(400, f"bad Content-Length {b', '.join(lengths)!r}")
    return int(length)


def _check_partial(data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise _too_long(data, limit)
    if bad := _bare(data):
        raise HttpError(400, f"byte {bad[0]!r} in the head")


def _as_1_1(data: bytes) -> bytes:
    """Returns a request of a later minor version as one of HTTP/1.1 (RFC 9110 section 2.5)."""
    match = _later_minor(data)
    return data if match is None else b"%b1%b" % (data[: match.start(1)], data[match.end(1) :])


def _rewritten(data: bytes) -> Head | None:
    target = _absolute(data)
    if target is None:
        return None
    method, authority, path, query = target.groups()
    if not is_authority(authority):
        raise HttpError(400, f"bad authority {authority[:80]!r} in the target")
    head, _, rest = data[target.end() :].partition(b"\r\n\r\n")
    hosts = [value.strip(b" \t") for value in _host_line.findall(head + b"\r\n")]
    _check_host(hosts, needed=target[0].endswith(b"1"))
    fields = _host_line.sub(b"", head + b"\r\n")
    bare = b"*" if method == b"OPTIONS" and query is None else b"/"
    where = (path or bare) + (b"" if query is None else b"?" + query)
    plain = b"%b %b%b\r\nHost: %b%b\r\n%b"
    plain %= (method, where, target[0][-9:], authority, fields, rest)
    return _origin(plain) or _asterisk(plain)


def _reason(data: bytes, end: int) -> HttpError:
    """Returns the error of a whole head that is malformed."""
    if bad := _bare(data[:end]):
        return HttpError(400, f"byte {bad[0]!r} in the head")
    line = _request_line(data)
    if line is None:
        return HttpError(400, f"bad request line {_line_at(data, 0)!r}")
    if not line[1].startswith(b"1."):
        return HttpError(505, f"HTTP version {line[1].decode()}")
    if _connect(data):
        return HttpError(501, "CONNECT")
    at = line.end()
    count = 0
    while (field := _field(data, at)) is not None:
        at = field.end()
        count += 1
    if count > HEADER_COUNT:
        return HttpError(431, f"more than {HEADER_COUNT} headers")
    if at + 2 < end:
        return HttpError(400, f"bad header line {_line_at(data, at)!r}")
    return HttpError(400, f"bad target in {line[0][:-2][:80]!r}")


def _line_at(data: bytes, at: int) -> bytes:
    """Returns the start of the line at `at`, short enough for a log."""
    return data[at : data.find(b"\r\n", at)][:80]


def _check_host(hosts: list[bytes], *, needed: bool) -> None:
    if len(hosts) > 1 or (needed and not hosts):
        raise HttpError(400, f"{len(hosts)} Host headers, not one")
    if hosts and not is_authority(hosts[0]):
        raise HttpError(400, f"bad Host {hosts[0]!r}")


def _check_coding(head: Head, codings: list[bytes], lengths: list[bytes]) -> None:
    text = b", ".join(codings)
    if lengths:
        raise HttpError(400, "Content-Length beside Transfer-Encoding")
    if not is_1_1(head):
        raise HttpError(400, "Transfer-Encoding in HTTP/1.0")
    # Empty list elements are ignored (RFC 9110 section 5.6.1).
    names = [name for part in text.split(b",") if (name := part.strip(b" \t").lower())]
    if not names or names[-1] != b"chunked" or names.count(b"chunked") > 1:
        raise HttpError(400, f"Transfer-Encoding {text!r} does not end in one chunked")
    if len(names) > 1:
        raise HttpError(501, f"Transfer-Encoding {text!r}")
