"""The head of a request, judged over its raw bytes (RFC 9112 sections 2 to 6).

The one place where a request is found good or bad, so that every version of httptools serves the
same requests. Pure: bytes in, a match or an `HttpError` out. `match_usual` is the hot path, one
regular expression; `other` takes what that does not, and says what is wrong with the rest.

Every match has the same groups: method, path, query or None, minor version; the field lines are
between `end(4)` and `end()`. Possessive repeats keep a hostile head linear. A *group* is never
possessive here: Python 3.11.2 (Debian 12) forgets to backtrack inside one (cpython gh-106052).
"""

from __future__ import annotations

import re

from eggd.errors import HttpError

HEADER_COUNT = 100
"""Header fields in one head; more is 431."""

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_PATH = rb"/[!-\"$->@-~]*+"
_QUERY = rb"(?:\?([!-\"$-~]*+))?"
_VALUE = rb"[\t -~\x80-\xff]*+\r\n"
_FIELD = _TOKEN + rb"++:" + _VALUE
# A port needs a host name before it; an empty Host is valid (RFC 9112 section 3.2).
_HOST = rb"(?!:)(?:[0-9A-Za-z\-._~!$&'()*+,;=%]*+|\[[0-9A-Fa-f:.]++\])(?::[0-9]{0,5})?"
_METHOD = rb"(?!CONNECT )(%b++)" % _TOKEN
_REST = rb" HTTP/1\.([01])\r\n(?:%b){0,%d}\r\n" % (_FIELD, HEADER_COUNT)

_FRAMING = (
    rb"[Hh][Oo][Ss][Tt]:"
    rb"|[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll]"
    rb"|[Tt][Rr][Aa][Nn][Ss][Ff][Ee][Rr]-"
)
_OTHER_FIELD = rb"(?:[!#$%%&'*+\-.^_`|~0-9ABD-GI-SU-Zabd-gi-su-z]|(?!%b)[CcHhTt])%b*+:%b" % (
    _FRAMING,
    _TOKEN,
    _VALUE,
)
_USUAL = (
    rb"%b (%b)%b HTTP/1\.([01])\r\n"
    rb"(?:%b){0,40}[Hh]ost:[ \t]*+%b[ \t]*+\r\n"
    rb"(?:%b){0,29}(?:[Cc]ontent-[Ll]ength:[ \t]*+([0-9]{1,15})[ \t]*+\r\n(?:%b){0,29})?\r\n"
) % (_METHOD, _PATH, _QUERY, _OTHER_FIELD, _HOST, _OTHER_FIELD, _OTHER_FIELD)

match_usual = re.compile(_USUAL).match
"""Match a whole head in origin-form with one good Host, and at most one Content-Length behind it
(group 5, `lastindex` 5), and no other field that decides framing. Much else is good, too."""

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
_coding_line = re.compile(rb"\r\ntransfer-encoding:[^\r]*+(?=\r\n)", re.IGNORECASE)
_host_line = re.compile(rb"\r\nhost:([^\r]*+)(?=\r\n)", re.IGNORECASE)
_good_host = re.compile(_HOST).fullmatch
_bare = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f]").search


def unusual(
    data: bytes, match: re.Match[bytes] | None, limit: int
) -> tuple[re.Match[bytes], int | None] | None:
    """Returns match and body length (None: chunked) of a head that is not the common case: one with
    a length, above the limit, or that `match_usual` did not take. None: it is not whole.

    Raises HttpError.
    """
    if match is None:
        found = other(without_blank_lines(data), limit)
    else:
        found = match, int(match[5] or 0)
    if found is not None and found[0].end() > limit:
        raise too_long(found[0].string, limit)
    return found


def without_blank_lines(data: bytes) -> bytes:
    """Leaves out empty lines before a request (RFC 9112 section 2.2)."""
    blank = _blank_lines(data)
    return data[blank.end() :] if blank else data


def other(data: bytes, limit: int) -> tuple[re.Match[bytes], int | None] | None:
    """Returns the match of a head that `match_usual` did not take and the length of its body (None:
    chunked), or None if the head is incomplete.

    The match's `string` may differ from `data`: an absolute-form target is rewritten to origin-form
    with its authority as Host (RFC 9112 section 3.2.2), HTTP/1.2 and later to HTTP/1.1 (RFC 9110
    section 2.5), and `Transfer-Encoding: , chunked ,` to `chunked`. Raises HttpError.
    """
    end = data.find(b"\r\n\r\n") + 4
    if end < 4:
        _check_partial(data, limit)
        return None
    if end > limit:
        raise too_long(data, limit)
    data = _as_1_1(data)
    match = _origin(data) or _asterisk(data) or _rewritten(data)
    if match is None:
        raise _reason(data, end)
    length = body_length(match)
    return (match if length is not None else _plainly_chunked(match)), length


def too_long(data: bytes, limit: int) -> HttpError:
    """Returns 414 when the request line alone is above the limit, else 431 (RFC 6585)."""
    if b"\r\n" not in data[:limit]:
        return HttpError(414, f"request line of more than {limit} bytes")
    return HttpError(431, f"headers of more than {limit} bytes")


def body_length(match: re.Match[bytes]) -> int | None:
    """Returns how many bytes of body follow the head, None for chunked (RFC 9112 section 6.3).

    Raises HttpError 400 for a missing, double or bad Host, for lengths that are bad, differ or
    stand beside Transfer-Encoding, and 501 for a transfer coding other than chunked.
    """
    fields = field_values(match, b"host", b"content-length", b"transfer-encoding")
    _check_host(fields[0], needed=match[4] == b"1")
    if fields[2]:
        _check_coding(match, fields[2], fields[1])
        return None
    if not fields[1]:
        return 0
    length = fields[1][0]
    if len(fields[1]) > 1 or not length.isdigit() or len(length) > 18:
        raise HttpError(400, f"bad Content-Length {b', '.join(fields[1])!r}")
    return int(length)


def field_values(match: re.Match[bytes], *names: bytes) -> list[list[bytes]]:
    """Returns the values of each named field (names in lower case), in the order they came."""
    values: dict[bytes, list[bytes]] = {name: [] for name in names}
    for line in match.string[match.end(4) + 2 : match.end() - 4].split(b"\r\n"):
        name, _, value = line.partition(b":")
        found = values.get(name.lower())
        if found is not None:
            found.append(value.strip(b" \t"))
    return list(values.values())


def _check_partial(data: bytes, limit: int) -> None:
    if len(data) > limit:
        raise too_long(data, limit)
    if bad := _bare(data):
        raise HttpError(400, f"byte {bad[0]!r} in the head")


def _as_1_1(data: bytes) -> bytes:
    """Returns a request of a later minor version as one of HTTP/1.1 (RFC 9110 section 2.5)."""
    found = _later_minor(data)
    return data if found is None else b"%b1%b" % (data[: found.start(1)], data[found.end(1) :])


def _plainly_chunked(match: re.Match[bytes]) -> re.Match[bytes]:
    """Returns the match with one `Transfer-Encoding: chunked`: httptools knows no other form."""
    if field_values(match, b"transfer-encoding")[0] == [b"chunked"]:
        return match
    head, rest = match.string[: match.end() - 2], match.string[match.end() - 2 :]
    plain = _coding_line.sub(b"", head) + b"Transfer-Encoding: chunked\r\n" + rest
    found = _origin(plain) or _asterisk(plain)
    assert found is not None  # removes one field and adds one: equal to the same head
    return found


def _rewritten(data: bytes) -> re.Match[bytes] | None:
    target = _absolute(data)
    if target is None:
        return None
    method, authority, path, query = target.groups()
    if not _good_host(authority):
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
    """Returns why a whole head is not one."""
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
    if hosts and not _good_host(hosts[0]):
        raise HttpError(400, f"bad Host {hosts[0]!r}")


def _check_coding(match: re.Match[bytes], codings: list[bytes], lengths: list[bytes]) -> None:
    text = b", ".join(codings)
    if lengths:
        raise HttpError(400, "Content-Length beside Transfer-Encoding")
    if match[4] == b"0":
        raise HttpError(400, "Transfer-Encoding in HTTP/1.0")
    # Empty list elements are ignored (RFC 9110 section 5.6.1).
    names = [name for part in text.split(b",") if (name := part.strip(b" \t").lower())]
    if not names or names[-1] != b"chunked" or names.count(b"chunked") > 1:
        raise HttpError(400, f"Transfer-Encoding {text!r} does not end in one chunked")
    if len(names) > 1:
        raise HttpError(501, f"Transfer-Encoding {text!r}")
