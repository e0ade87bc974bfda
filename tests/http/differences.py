"""Differences between eggd and another parser, and the sections of RFC 9110 and 9112 that justify
them.

The conditions do not use eggd's own code: they look at the bytes of the request again.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from eggd.http.methods import METHODS
from tests.http.oracles import CONFIG, ERROR, INCOMPLETE, Parser, Reading, Request, eggd

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
URL = re.compile(rb"https?://([^/?# ]*)(/[^? ]*)?(\?.*)?", re.IGNORECASE)
QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
BLANK = rb"[ \t]*"
SIZE = re.compile(
    rb"([0-9A-Fa-f]{1,15})(?:%b;%b%b(?:%b=%b(?:%b|%b))?)*\r\n"
    % (BLANK, BLANK, TOKEN, BLANK, BLANK, TOKEN, QUOTED)
)
NEITHER_KNOWS = (
    *(b"BASELINE-CONTROL", b"CHECKIN", b"LABEL", b"MKREDIRECTREF", b"MKWORKSPACE", b"ORDERPATCH"),
    *(b"QUERY", b"UNCHECKOUT", b"UPDATE", b"UPDATEREDIRECTREF", b"VERSION-CONTROL"),
)
"""Registered methods that a version of httptools does not know."""
BARE = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")


@dataclass(frozen=True)
class Difference:
    """The first difference between two readings of the same bytes."""

    what: str
    """`refused`: eggd rejects what the other one reads or waits for; `accepted`: the other way
    round; else the attribute of a request."""
    status: int
    """The status of eggd's error, else 0."""
    raw: bytes
    """The bytes from the beginning of the request on."""
    persists: bool = False
    """Whether the connection persists after the request, for eggd."""

    @property
    def lines(self) -> list[bytes]:
        """The lines of the head, without empty ones before it."""
        head = re.sub(rb"\A(?:\r\n)+", b"", self.raw).partition(b"\r\n\r\n")[0]
        return head.split(b"\r\n")

    @property
    def content(self) -> bytes:
        """The bytes behind the head."""
        return re.sub(rb"\A(?:\r\n)+", b"", self.raw).partition(b"\r\n\r\n")[2]

    def values(self, name: bytes) -> list[bytes]:
        """The values of a field."""
        pairs = [line.partition(b":") for line in self.lines[1:]]
        return [value.strip(b" \t") for key, _, value in pairs if key.lower() == name]

    @property
    def start(self) -> re.Match[bytes] | None:
        """The request line: method, target, version."""
        return re.fullmatch(rb"(%b) ([!-~]+) HTTP/([0-9]\.[0-9])" % TOKEN, self.lines[0])


def difference(data: bytes, other: Parser) -> Difference | None:
    """Returns the first difference in how eggd and `other` read `data`.

    A head or a line that eggd reads as a whole, but the other parser byte by byte, is completed
    before they are compared.
    """
    ours, theirs = eggd(data), other(data)
    more = theirs.end == ERROR or len(theirs.requests) > len(ours.requests)
    if ours.end == INCOMPLETE and more:
        data += b"\r\n\r\n"
        ours, theirs = eggd(data), other(data)
    starts = [0, *ours.ends]
    for number, (one, two) in enumerate(zip(ours.requests, theirs.requests, strict=False)):
        for name in vars(one):
            if getattr(standard(one), name) != getattr(standard(two), name):
                return Difference(name, 0, data[starts[number] :], one.persists)
    number = min(len(ours.requests), len(theirs.requests))
    return _ends(ours, theirs, number, data[starts[number] :])


def _ends(ours: Reading, theirs: Reading, number: int, raw: bytes) -> Difference | None:
    refused = ours.end == ERROR and number == len(ours.requests)
    rejected = theirs.end == ERROR and number == len(theirs.requests)
    if refused and not rejected:
        return Difference("refused", int(ours.error[:3]), raw)
    if rejected and not refused:
        return Difference("accepted", 0, raw)
    if len(ours.requests) != len(theirs.requests):
        return Difference("complete", 0, raw)
    return None


def standard(request: Request) -> Request:
    """Returns a request as RFC 9112 tells a server to pass it on: an absolute-form target replaces
    Host (section 3.2.2), a later minor version is 1.1 (RFC 9110 section 2.5), and a coding has
    neither empty list elements nor upper case (RFC 9110 section 5.6.1, RFC 9112 section 7)."""
    fields, target = request.fields, request.target
    if url := URL.fullmatch(target):
        authority, path, query = url.groups()
        bare = b"*" if request.method == b"OPTIONS" and query is None else b"/"
        target = (path or bare) + (query or b"")
        fields = [(b"host", authority), *(pair for pair in fields if pair[0] != b"host")]
    codings = [value for name, value in fields if name == b"transfer-encoding"]
    names = [part.strip(b" \t").lower() for value in codings for part in value.split(b",")]
    if [name for name in names if name] == [b"chunked"]:
        fields = [pair for pair in fields if pair[0] != b"transfer-encoding"]
        fields.append((b"transfer-encoding", b"chunked"))
    version = "1.1" if request.version[:2] == "1." and request.version != "1.0" else request.version
    return replace(request, target=target, fields=fields, version=version)


def chunks_are_valid(content: bytes) -> bool:
    """Returns whether `content` is, or may become, a chunked body (RFC 9112 section 7.1)."""
    while b"\r\n" in content:
        size = SIZE.match(content)
        if size is None:
            return False
        length, content = int(size[1], 16), content[size.end() :]
        if length == 0:
            return trailers_are_valid(content)
        if content[length : length + 2] != b"\r\n"[: max(len(content) - length, 0)]:
            return False
        content = content[length + 2 :]
    return b"\n" not in content


def trailers_are_valid(content: bytes) -> bool:
    """Returns whether trailer lines are, or may become, valid (RFC 9112 section 7.1.2)."""
    *lines, last = content.split(b"\r\n")
    for line in lines:
        if not line:
            return True
        if not re.fullmatch(rb"%b:[\t -~\x80-\xff]*" % TOKEN, line):
            return False
    return b"\n" not in last


def _target(it: Difference) -> bool:
    if it.start is None:
        return False
    method, target, _ = it.start.groups()
    return b"#" in target or not (
        target.startswith(b"/") or URL.fullmatch(target) or (method, target) == (b"OPTIONS", b"*")
    )


def _is_host(text: bytes) -> bool:
    name, _, port = (
        text.rpartition(b":") if re.search(rb":[0-9]{0,5}\Z", text) else (text, b"", b"")
    )
    if int(port or 0) > 65535 or (text[:1] == b":"):
        return False
    if name[:1] + name[-1:] == b"[]":
        try:
            return bool(socket.inet_pton(socket.AF_INET6, name[1:-1].decode("ascii")))
        except (OSError, ValueError):
            return False
    return bool(re.fullmatch(rb"(?:[0-9A-Za-z\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", name))


def _host(it: Difference) -> bool:
    hosts = it.values(b"host")
    if it.start and (url := URL.fullmatch(it.start[2])) and not (url[1] and _is_host(url[1])):
        return True
    needed = it.start is None or it.start[3] != b"1.0"
    return len(hosts) > 1 or (needed and not hosts) or not all(map(_is_host, hosts))


def _coding(it: Difference) -> list[bytes]:
    parts = b",".join(it.values(b"transfer-encoding")).split(b",")
    return [name for part in parts if (name := part.strip(b" \t").lower())]


def _is_chunked(it: Difference) -> bool:
    return _coding(it) == [b"chunked"]


def _length(it: Difference) -> bool:
    lengths = it.values(b"content-length")
    return len(lengths) > 1 or not all(re.fullmatch(rb"[0-9]{1,18}", each) for each in lengths)


def _large(it: Difference) -> bool:
    lengths = it.values(b"content-length")
    length = max((int(each) for each in lengths if each.isdigit()), default=0)
    return max(length, len(it.content) if _is_chunked(it) else 0) > CONFIG.body_limit


def _fields(it: Difference) -> bool:
    return not all(re.fullmatch(rb"%b:[^\r\n]*" % TOKEN, line) for line in it.lines[1:])


def _later(it: Difference) -> bool:
    return it.start is not None and it.start[3] not in (b"1.0", b"1.1")


def _options(it: Difference) -> list[bytes]:
    parts = b",".join(it.values(b"connection")).split(b",")
    return [part.strip(b" \t").lower() for part in parts]


def _is_1_0(it: Difference) -> bool:
    return it.start is not None and it.start[3] == b"1.0"


def _persists_rightly(applies: Callable[[Difference], object], it: Difference) -> object:
    """Returns whether eggd decides as RFC 9112 section 9.3 does, and the condition holds."""
    options = _options(it)
    right = b"close" not in options and (not _is_1_0(it) or b"keep-alive" in options)
    return it.persists == right and applies(it)


PERSISTENCE: list[tuple[str, Callable[[Difference], object]]] = [
    (
        "RFC 9112 C.2.2: Proxy-Connection is not Connection",
        lambda it: it.values(b"proxy-connection"),
    ),
    (
        "RFC 9112 9.3: HTTP/1.0 persists with keep-alive",
        lambda it: _is_1_0(it) and b"keep-alive" in _options(it) and b"close" not in _options(it),
    ),
    (
        "RFC 9112 9.3: close prevails over keep-alive",
        lambda it: b"keep-alive" in _options(it) and b"close" in _options(it),
    ),
    (
        "RFC 9110 5.6.1: empty list elements are ignored",
        lambda it: it.values(b"connection") and b"" in _options(it),
    ),
]


@dataclass(frozen=True)
class Reason:
    """Why a difference is right."""

    section: str
    """The RFC's section and what it says."""
    what: str
    """The kind of `Difference`."""
    status: int
    """The status of eggd's answer; 0 for accepted requests."""
    applies: Callable[[Difference], object]
    """Whether the bytes of the request have the property."""


def refused(section: str, status: int, applies: Callable[[Difference], object]) -> Reason:
    """Returns the reason for an error of eggd."""
    return Reason(section, "refused", status, applies)


REASONS = [
    refused(
        "RFC 9112 2.2: a bare CR is invalid, and a bare LF need not be a line end",
        400,
        lambda it: BARE.search(it.raw.partition(b"\r\n\r\n")[0]),
    ),
    refused(
        "RFC 9110 5.5, RFC 9112 3.2: a control byte is invalid in a field and in a target",
        400,
        lambda it: re.search(rb"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]", b"".join(it.lines)),
    ),
    refused("RFC 9112 3: an invalid request line is 400", 400, lambda it: it.start is None),
    refused(
        "RFC 9110 15.6.6: another major version is 505",
        505,
        lambda it: it.start and not it.start[3].startswith(b"1."),
    ),
    refused(
        "RFC 9110 9.3.6, 15.6.2: CONNECT is not implemented",
        501,
        lambda it: it.start and it.start[1] == b"CONNECT",
    ),
    refused(
        "RFC 9110 9.1: a method that is not recognized is 501",
        501,
        lambda it: it.start and it.start[1].decode() not in METHODS,
    ),
    refused("RFC 9112 3.2: a target has one of four forms and no fragment", 400, _target),
    refused("RFC 9112 5, 5.1, 5.2: a field line begins with a name and its colon", 400, _fields),
    refused("RFC 9112 3.2: one valid Host; RFC 9110 4.2.4: no user information", 400, _host),
    refused(
        "RFC 9112 3: a target above the limit is 414",
        414,
        lambda it: len(it.lines[0]) > CONFIG.head_limit,
    ),
    refused(
        "RFC 9110 5.4: a server limits the fields",
        431,
        lambda it: len(it.lines) > 101 or len(it.raw) > CONFIG.head_limit,
    ),
    refused("RFC 9110 8.6, RFC 9112 6.3: one valid Content-Length", 400, _length),
    refused(
        "RFC 9112 6.1: Content-Length beside Transfer-Encoding may be rejected",
        400,
        lambda it: it.values(b"content-length") and it.values(b"transfer-encoding"),
    ),
    refused(
        "RFC 9112 6.1: Transfer-Encoding in HTTP/1.0 is faulty framing",
        400,
        lambda it: it.values(b"transfer-encoding") and it.start and it.start[3] == b"1.0",
    ),
    refused(
        "RFC 9112 6.1, 6.3: chunked is the last coding, once",
        400,
        lambda it: (
            it.values(b"transfer-encoding")
            and (_coding(it)[-1:] != [b"chunked"] or _coding(it).count(b"chunked") > 1)
        ),
    ),
    refused(
        "RFC 9112 6.1: an unknown transfer coding is 501",
        501,
        lambda it: _coding(it)[-1:] == [b"chunked"] and len(_coding(it)) > 1,
    ),
    refused("RFC 9110 15.5.14: a body above the limit is 413", 413, _large),
    refused(
        "RFC 9112 7.1: malformed chunks",
        400,
        lambda it: _is_chunked(it) and not chunks_are_valid(it.content),
    ),
    refused(
        "RFC 9112 7.1.1, 7.1.2: a server limits chunk extensions and trailers",
        431,
        lambda it: _is_chunked(it) and len(it.content) > 1024,
    ),
    Reason(
        "RFC 9110 9.1, 16.1.1: all registered methods are served",
        "accepted",
        0,
        lambda it: it.start and it.start[1] in NEITHER_KNOWS,
    ),
    Reason("RFC 9110 2.5: a later minor version is served as 1.1", "accepted", 0, _later),
    Reason(
        "RFC 9112 2.2: empty lines before a request are ignored",
        "accepted",
        0,
        lambda it: it.raw.startswith(b"\r\n"),
    ),
    Reason(
        "RFC 9110 5.6.1: empty list elements are ignored",
        "accepted",
        0,
        lambda it: (
            _is_chunked(it)
            and any(value.lower() != b"chunked" for value in it.values(b"transfer-encoding"))
        ),
    ),
    Reason(
        "RFC 9110 5.6.1: empty list elements are ignored",
        "complete",
        0,
        lambda it: (
            _is_chunked(it)
            and any(value.lower() != b"chunked" for value in it.values(b"transfer-encoding"))
        ),
    ),
    Reason(
        "RFC 9112 7.1.1: chunk extensions have blanks and quoted values",
        "accepted",
        0,
        lambda it: _is_chunked(it) and b";" in it.content and chunks_are_valid(it.content),
    ),
    Reason(
        "RFC 9110 5.1: a name that only begins like Transfer-Encoding is another field",
        "accepted",
        0,
        lambda it: any(re.match(rb"transfer-encoding[^:]", line, re.I) for line in it.lines),
    ),
    Reason(
        "RFC 9110 6.5.1: a trailer does not change the framing",
        "accepted",
        0,
        lambda it: (
            _is_chunked(it)
            and re.search(rb"\r\n(?:transfer-encoding|content-length):", it.content, re.I)
        ),
    ),
    Reason(
        "RFC 9112 5: blanks around a value do not belong to it",
        "accepted",
        0,
        lambda it: any(re.match(rb"content-length:.*\t\Z", line, re.I) for line in it.lines),
    ),
    *(
        Reason(
            "RFC 9110 7.8: the offer of another protocol is ignored, its body is not",
            what,
            0,
            lambda it: it.values(b"upgrade") and b"upgrade" in _options(it),
        )
        for what in ("body", "accepted", "complete")
    ),
    *(
        Reason(section, "persists", 0, partial(_persists_rightly, applies))
        for section, applies in PERSISTENCE
    ),
]


def reason(difference: Difference) -> Reason | None:
    """Returns what justifies a difference, None if nothing does."""
    for each in REASONS:
        same = (each.what, each.status) == (difference.what, difference.status)
        if same and each.applies(difference):
            return each
    return None
