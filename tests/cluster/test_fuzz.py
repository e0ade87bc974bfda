"""Random requests over raw sockets to a real suite with all default plugins.

Hypothesis builds request line, fields, query, cookies and bodies from valid and hostile pieces, and
shrinks a failure to the shortest request that fails.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eggd.testing.suite import Suite
from tests.cluster.conftest import Start

CONFIG = """
    keys = "a text of at least sixteen characters"
    security = {"level": "strict", "domain_white_list": ["shop.example"]}
"""
ROUTER = """
    async def read(ctx):
        request, h = ctx.request, ctx.helper
        texts = [text for values in ctx.queries.values() for text in values]
        ctx.session["seen"] = texts[0][:99] if texts else ""
        known = [ctx.cookies.get(name, signed=False) for name in ("a", "csrfToken", "EGG_SESS")]
        return {
            "request": [request.host, request.hostname, request.ip, request.ips, request.protocol,
                request.href, request.origin, request.type, request.length, request.charset,
                request.search, request.subdomains, request.secure],
            "accepts": [ctx.accepts("html", "json"), ctx.accepts_encodings("gzip"),
                ctx.accepts_languages("en"), ctx.accepts_charsets("utf-8")],
            "query": ctx.query, "body": repr(request.body)[:1000], "cookies": known,
            "signed": [ctx.cookies.get("a"), ctx.cookies.get("a", encrypt=True)],
            "csrf": [bool(ctx.csrf), ctx.cookie_domain], "locale": [ctx.locale, ctx.gettext("x")],
            "text": [[h.escape(t), h.surl(t), h.sjs(t), h.sjson(t), h.spath(t), h.shtml(t),
                h.cli_filter(t), h.escape_shell_arg(t), h.escape_shell_cmd(t)] for t in texts],
            "params": dict(ctx.params),
        }

    async def go(ctx):
        try:
            ctx.redirect(ctx.query.get("to", "/"))
        except Exception:
            ctx.throw(400, "not a good place")

    async def page(ctx):
        await ctx.render("page.html", {"text": ctx.query.get("q", ""), "all": ctx.query})

    def router(app):
        app.get("/", read)
        app.get("/go", go)
        app.get("/page", page)
        app.all("/read/:name", read)
        app.all("/rest/:rest*", read)
"""
PAGE = """<form method=post>{{ text }}</form><script>{{ all|tojson }}</script>"""
FILES = {
    "config/config_default.py": CONFIG,
    "config/plugin.py": "",
    "app/router.py": ROUTER,
    "app/view/page.html": PAGE,
    "app/public/a.txt": "a",
}

HOSTILE = [
    *(b"..", b"%2e%2e/", b"%00", b"%", b"%zz", b"%ff", b"//", b"\\", b"\0", b"\xff", b"\xc3\xa9"),
    *(b"<script>", b"'\"", b"${7*7}", b"{{7*7}}", b"__proto__", b"[]", b"[a]", b"a[b][c]=1"),
    *(b"javascript:x", b"//evil.example", b"http://shop.example", b"\t", b" ", b"+", b"&", b"="),
    *(b";", b",", b"=?utf-8?b?", b"9" * 400, b"-1", b"1e999", b"NaN", b"{", b"}", b'{"a":', b"*"),
    *(b"a" * 3000, b"%f0%9f%8d%b3", b"\\u0000", b"\\ud800", b"null", b"true", b"#", b"?", b"::1"),
]
FIELDS = {
    b"Cookie": [b"a=b; csrfToken=abc", b"EGG_SESS=e30=; EGG_SESS.sig=x", b"locale=../../etc"],
    b"Content-Type": [
        *(b"application/json", b"application/x-www-form-urlencoded", b"text/plain; charset=x"),
        b"multipart/form-data; boundary=x",
    ],
    b"Origin": [b"http://shop.example", b"null", b"http://[bad"],
    b"Referer": [b"http://shop.example/", b"http://[bad"],
    b"Sec-Fetch-Site": [b"same-origin", b"cross-site"],
    b"X-CSRF-Token": [b"abc", b"a-b"],
    b"X-Forwarded-For": [b"127.0.0.1, ::1"],
    b"X-Forwarded-Proto": [b"https", b"https, http"],
    b"X-Forwarded-Host": [b"evil.example"],
    b"Forwarded": [b"for=1.2.3.4;proto=https"],
    b"Accept": [b"text/html", b"*/*;q=0", b"application/json"],
    b"Accept-Language": [b"en;q=0.9,de", b"zh-CN"],
    b"Accept-Encoding": [b"gzip", b"br;q=x"],
    b"Accept-Charset": [b"utf-8;q=x"],
    b"If-None-Match": [b'W/"x"', b"*"],
    b"If-Modified-Since": [b"Mon, 01 Jan 2024 00:00:00 GMT", b"now"],
    b"Range": [b"bytes=0-0", b"bytes=-1", b"bytes=0-,1-"],
    b"If-Range": [b'"x"'],
    b"User-Agent": [b"curl", b"MSIE 9"],
    b"X-HTTP-Method-Override": [b"DELETE"],
    b"Traceparent": [b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"],
    b"Access-Control-Request-Method": [b"PUT"],
}
FRAMING = {
    b"Host": [b"shop.example", b"a b", b"[::1]:80"],
    b"Content-Length": [b"0", b"10", b"-1", b"99999999999"],
    b"Transfer-Encoding": [b"chunked", b"gzip, chunked"],
    b"Expect": [b"100-continue"],
    b"Connection": [b"close", b"keep-alive", b"Upgrade"],
    b"Upgrade": [b"websocket", b"h2c"],
    b"Content-Encoding": [b"gzip", b"x"],
}
"""Fields that change how the request is read."""
QUERY = [
    *(b"x", b"/a", b"//evil.example", b"javascript:alert(1)", b"http://shop.example/", b"de"),
    *(b"<b>hi</b><script>", b"%252e%252e/x", b"DELETE", b"abc"),
]
METHODS = [
    b"GET",
    b"GET",
    b"POST",
    b"POST",
    b"PUT",
    b"PATCH",
    b"DELETE",
    b"HEAD",
    b"OPTIONS",
    b"TRACE",
    b"CONNECT",
]
PATHS = [b"/", b"/go", b"/page", b"/read/a", b"/rest/a/b", b"/public/a.txt", b"/public/", b"/x"]
BODIES = [
    *(b"", b"a=1&b=2", b'{"a": [1, null, "\\u00e9"]}', b"[" * 200, b'{"__proto__": {"a": 1}}'),
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="../b"\r\n\r\nc\r\n--x--\r\n',
    *(b"--x--", b"--x\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"fffffffff\r\n", b"\x1f\x8b\x08\x00"),
]

RARELY = [False] * 7 + [True]
piece = st.one_of(
    st.sampled_from(HOSTILE), st.binary(max_size=8), st.text(max_size=8).map(str.encode)
)
pieces = st.lists(piece, min_size=1, max_size=3).map(b"".join)


@dataclass
class Source:
    """Draws the parts of one request, most of them valid."""

    draw: st.DrawFn

    def part(self, good: Sequence[bytes], odds: Sequence[bool] = RARELY) -> bytes:
        """Returns a valid text, or one that has hostile pieces, or nothing else."""
        text = self.draw(st.sampled_from(good))
        if not self.draw(st.sampled_from(odds)):
            return text
        return self.draw(st.sampled_from([text, b""])) + self.draw(pieces)

    def query(self) -> bytes:
        names = [b"a", b"to", b"q", b"locale", b"_csrf", b"_method"]
        pairs = [
            quoted(self.part(names)) + b"=" + quoted(self.part(QUERY, (False, True)))
            for _ in range(self.draw(st.integers(0, 3)))
        ]
        return b"?" + b"&".join(pairs) if pairs else b""

    def field(self, known: Mapping[bytes, Sequence[bytes]]) -> bytes:
        name = self.draw(st.sampled_from(sorted(known)))
        return name + b": " + self.part(known[name], (False, False, True))

    def request(self) -> bytes:
        target = self.part(PATHS) + self.query()
        version = self.part([b"HTTP/1.1"] * 9 + [b"HTTP/1.0"], (False,) * 20 + (True,))
        lines = [b" ".join((self.part(METHODS, RARELY * 2), target, version))]
        lines.append(b"Host: shop.example")
        body = self.part(BODIES)
        if body:
            lines.append(b"Content-Length: %d" % len(body))
        lines += [self.field(FIELDS) for _ in range(self.draw(st.integers(0, 4)))]
        if self.draw(st.sampled_from(RARELY)):
            lines.append(self.field(FRAMING))
        return b"\r\n".join(lines) + b"\r\n\r\n" + body


def quoted(text: bytes) -> bytes:
    """Returns bytes that a URL cannot have percent-encoded, so that they reach the application."""
    return quote(text, safe="%/:;=?@[]{}'()*+,!$").encode()


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Draws the bytes of a request."""
    return Source(draw).request()


def ask(port: int, data: bytes) -> bytes:
    """Returns all that the server answers until it closes the connection."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        try:
            raw.sendall(data)
            raw.shutdown(socket.SHUT_WR)
            while received := raw.recv(65536):
                answer += received
        except (ConnectionResetError, BrokenPipeError):
            pass
    return answer


def fuzz(suite: Suite, number: int, *, random: bool) -> dict[int, int]:
    """Sends that many requests; returns the number of answers by status."""
    counts: dict[int, int] = {}

    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        derandomize=not random,
        print_blob=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests())
    def send(data: bytes) -> None:
        answer = ask(suite.port, data)
        for status in map(int, re.findall(rb"(?:\A|\r\n)HTTP/1\.1 (\d{3}) ", answer)):
            counts[status] = counts.get(status, 0) + 1
            assert status not in (500, 502, 503, 504), (data, answer)
        assert b"Traceback" not in answer, (data, answer)

    send()
    return counts


@pytest.mark.parametrize(
    "number", [250, pytest.param(20_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_random_requests_are_no_error(
    start: Start, number: int, figure: Callable[[str], None]
) -> None:
    """No 500, no trace in the logs, no worker that ended; the application sees many of them."""
    suite = start(workers=2, files=FILES)
    before = [child.pid for child in suite.children]
    counts = fuzz(suite, number, random=number > 250)
    assert [child.pid for child in suite.children if child.alive] == before
    logs = "".join(file.read_text(errors="replace") for file in suite.logdir.glob("*.log"))
    lines = "\n".join(line for child in suite.children for line in child.lines)
    assert "Traceback" not in logs + lines
    assert [line for line in logs.splitlines() if " ERROR " in line] == []
    assert counts[200] > number // 20
    assert counts[400] > number // 20
    answers = ", ".join(f"{count:,} times {status}" for status, count in sorted(counts.items()))
    figure(f"{number:,} random requests: {answers}; no error, no worker ended")
