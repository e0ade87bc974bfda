"""Attacks by one request."""

from __future__ import annotations

from tests.plugins.security.attacks.rows import Attack

_COOKIE = "Cookie: csrfToken=abcdefgh; EGG_SESS=x"
_FORM = "Content-Type: application/x-www-form-urlencoded"
_JSON = '{"sum": 1}'
_BODIES = {
    "form": (_FORM, "sum=1"),
    "text": ("Content-Type: text/plain", _JSON),
    "json": ("Content-Type: application/json", _JSON),
    "upload": ("Content-Type: multipart/form-data; boundary=a", "--a--"),
    "two types": ("Content-Type: text/plain; application/json", _JSON),
    "no type": ("Content-Type:", _JSON),
}
_BROWSERS = {
    "another origin": "Origin: http://evil.example",
    "origin null": "Origin: null",
    "origin of a look-alike": "Origin: http://shop.example.evil.example",
    "origin of another port": "Origin: http://shop.example:81",
    "an own referer": "Origin: http://evil.example\nReferer: http://shop.example/",
    "cross-site": "Sec-Fetch-Site: cross-site\nOrigin: http://evil.example",
    "same-site": "Sec-Fetch-Site: same-site\nOrigin: http://www.shop.example",
    "two verdicts": "Sec-Fetch-Site: cross-site\nSec-Fetch-Site: same-origin",
    "capital letters": "Sec-Fetch-Site: SAME-ORIGIN",
    "another method": "X-HTTP-Method-Override: GET\nOrigin: http://evil.example",
}
_CSRF = [
    Attack(
        name=f"csrf: {kind}, {browser}",
        head=f"POST /transfer HTTP/1.1\nHost: shop.example\n{_COOKIE}\n{fields}\n{type_}",
        body=body,
        statuses=(403,),
        never="moved",
    )
    for kind, (type_, body) in _BODIES.items()
    for browser, fields in _BROWSERS.items()
]

_TOSSED = {
    "behind": "csrfToken=abcdefgh; csrfToken=planted",
    "before": "csrfToken=planted; csrfToken=abcdefgh",
    "in a second field": "csrfToken=planted\nCookie: csrfToken=abcdefgh",
}
_TOSSING = [
    Attack(
        name=f"tossing: a planted cookie {place}",
        head=f"POST /transfer HTTP/1.1\nHost: a\nCookie: {cookie}\nX-CSRF-Token: planted\n{_FORM}",
        body="sum=1",
        statuses=(403,),
        never="moved",
    )
    for place, cookie in _TOSSED.items()
]

_PLANTED = "EGG_SESS=attacker; csrfToken=abcdefgh"
_FIXATION = [
    Attack(
        name="fixation: a login with the id of the attacker",
        head=f"POST /login HTTP/1.1\nHost: a\nCookie: {_PLANTED}\nX-CSRF-Token: abcdefgh",
        body="a=1",
        statuses=(200,),
        never="Set-Cookie: EGG_SESS=attacker",
        always="Set-Cookie: EGG_SESS=",
    ),
    Attack(
        name="fixation: the id of the attacker afterwards",
        head=f"GET /who HTTP/1.1\nHost: a\nCookie: {_PLANTED}",
        statuses=(200,),
        always="stranger",
    ),
]

_PATHS = (
    *("/../etc/passwd", "/%2e%2e/etc/passwd", "/a/%2e%2e/%2e%2e/etc/passwd", "/..%2fetc%2fpasswd"),
    *("/..%5c..%5cwindows", "/%2e%2e%2f%2e%2e%2f", "/public/../../config/config_default.py"),
    *("/public/%2e%2e%2f%2e%2e%2fconfig/config_default.py",),
)
_TRAVERSAL = [
    Attack(
        name=f"traversal: {path}",
        head=f"GET {path} HTTP/1.1\nHost: a",
        statuses=(400,),
        never="root:|'store'",
    )
    for path in _PATHS
] + [
    Attack(
        name=f"traversal: {path}",
        head=f"GET {path} HTTP/1.1\nHost: a",
        statuses=(400, 403, 404),
        never="root:|'store'",
    )
    for path in (
        *("/public/%2e%2e/config/config_default.py", "/public/..%5cconfig%5cconfig_default.py"),
        *("/public/%252e%252e/config/config_default.py", "/public//etc/passwd", "/public/a.txt%00"),
    )
]

_TARGETS = (
    *("//evil.example", "///evil.example", "/%5Cevil.example", "%09//evil.example"),
    *("/%09/evil.example", "http:evil.example", "https:/evil.example", "javascript:alert(1)"),
    *("http://a%5C@evil.example", "http://a%5C%5C@evil.example", "http://a%5C.evil.example/"),
    *(
        "data:text/html,a",
        "%0d%0aX-Injected:1",
        "/%0d%0aX-Injected:1",
        "http://a/%0d%0aX-Injected:1",
    ),
)
_REDIRECT = [
    Attack(
        name=f"redirect: {to}",
        head=f"GET /go?to={to} HTTP/1.1\nHost: a",
        statuses=(302,),
        never=r"\nX-Injected",
        always=r"\nLocation: (/(?![/\\])|http://a/)",
    )
    for to in _TARGETS
]

_FRAMES = r"(?s)(?=.*\nX-Frame-Options: SAMEORIGIN\n).*\nX-Content-Type-Options: nosniff\n"
_HEADER = [
    Attack(
        name=f"header: {value}",
        head=f"GET /echo?value={value} HTTP/1.1\nHost: a",
        statuses=(500,),
        never=r"\nX-Injected",
        always=_FRAMES,
    )
    for value in ("a%0d%0aX-Injected:1", "a%0aX-Injected:1", "a%00", "a%0d")
]

_HOST = [
    Attack(
        name=f"host: {host!r}",
        head=f"GET /link HTTP/1.1\nHost: {host}\nX-Forwarded-Host: evil.example",
        statuses=(200, 400),
        never="evil.example|://evil",
    )
    for host in (
        "evil@good.example",
        "good.example/evil",
        "good.example?evil",
        "a b",
        "",
        "a, b",
        "a%zz",
        "[:::::]",
        "a:99999",
    )
]

_PAGES = [
    Attack(
        name=f"clickjacking: the fields of {line}",
        head=head,
        statuses=statuses,
        never=r"(?s)\nX-Frame-Options: .*\nX-Frame-Options: ",
        always=_FRAMES,
    )
    for line, head, statuses in (
        ("a page", "GET / HTTP/1.1\nHost: a", (200,)),
        ("a missing page", "GET /missing HTTP/1.1\nHost: a", (404,)),
        ("a redirect", "GET /go?to=/ HTTP/1.1\nHost: a", (302,)),
        ("an odd path", "GET /%2e%2e/ HTTP/1.1\nHost: a", (400,)),
        ("an error", "GET /echo HTTP/1.1\nHost: a", (500,)),
        ("two targets", "GET / / HTTP/1.1\nHost: a", (400,)),
        ("no host", "GET / HTTP/1.1", (400,)),
        ("a broken method", "G\0T / HTTP/1.1", (400, 501)),
    )
]

_MIME = [
    Attack(
        name="mime: HTML as an upload",
        head="GET /upload HTTP/1.1\nHost: a",
        statuses=(200,),
        always=rf"{_FRAMES}(?s:.*)",
        never="Content-Type: text/html",
    ),
]

_URLS = (
    *(
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0/",
    ),
    *("http://017700000001/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/"),
    *("http://[64:ff9b::7f00:1]/", "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/"),
    *("file:///etc/passwd", "gopher://127.0.0.1/", "http://127.1:22/", "//127.0.0.1/"),
    *("http://%31%32%37.0.0.1/", "http://evil@127.0.0.1/", "http://127.0.0.1%0d%0aX:1/"),
)
_SSRF = [
    Attack(
        name=f"ssrf: {url}",
        head=f"GET /fetch?url={url} HTTP/1.1\nHost: a",
        statuses=(400,),
        never="root:|home",
        always="refused: (IllegalAddressError|HttpClientUrlError)",
    )
    for url in _URLS
]

ROWS = [
    *_CSRF,
    *_TOSSING,
    *_FIXATION,
    *_TRAVERSAL,
    *_REDIRECT,
    *_HEADER,
    *_HOST,
    *_PAGES,
    *_MIME,
    *_SSRF,
]
