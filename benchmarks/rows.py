"""The rows of `benchmarks/path`: the routes of the comparison, and what they do not show.

first     users, as the first request after the start
browser   hello, with the 16 header fields that a browser sends
traced    browser, with another request id each time: no two requests have the same fields
wide      the last of 10,000 routes with three parameters each
large     64 KiB of text
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from benchmarks.route import ROUTES

WIDE = 10_000
LARGE = 64 * 1024

HEADS = {
    "wrk": "Host: 127.0.0.1:7001\r\n",
    "browser": (
        "Host: www.example.org\r\nConnection: keep-alive\r\nCache-Control: max-age=0\r\n"
        'sec-ch-ua: "Chromium";v="141", "Not?A_Brand";v="8"\r\nsec-ch-ua-mobile: ?0\r\n'
        'sec-ch-ua-platform: "Linux"\r\nUpgrade-Insecure-Requests: 1\r\nUser-Agent: Mozilla/5.0 '
        "(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0\r\n"
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\n"
        "Sec-Fetch-Dest: document\r\nAccept-Encoding: gzip, deflate, br\r\n"
        "Accept-Language: en-GB,en;q=0.9\r\nCookie: sid=0123456789abcdef; theme=dark\r\n"
    ),
    "token": (
        "Host: 127.0.0.1:7001\r\nCookie: csrfToken=abcdefghijklmnopqrstuvwx\r\n"
        "X-CSRF-Token: abcdefghijklmnopqrstuvwx\r\n"
    ),
}

_CSP = "'csp': {'enable': True, 'policy': {'script-src': 'a'}}"
_PARTS = (
    *("csrf", "hsts", "methodnoallow", "noopen", "nosniff", "csp", "xss_protection", "xframe"),
    *("dta", "referrer_policy", "coop", "corp", "coep", "permissions_policy"),
)
SECURITY = {
    "egg": "{}",
    "strict": "{'level': 'strict'}",
    "guard": "{'default_middleware': ''}",
    **{
        f"only {part}": f"{{'default_middleware': '{part}', '{part}': {{'enable': True}}, {_CSP}}}"
        for part in _PARTS
    },
    "ignore": "{'csrf': {'ignore': '/api'}}",
    "proxy": "{}\nproxy = True",
    "match": "{'xframe': {'match': '/framed'}}",
    "function": "{'csrf': {'ignore': lambda ctx: False}}",
}
"""The rows of hello with the plugin security: their names, and the section `security`."""
POSTED = {
    "echo exempt": ("{'csrf': {'ignore': '/echo'}}", "wrk"),
    "echo token": ("{}", "token"),
    "echo strict": ("{'level': 'strict'}", "browser"),
}
"""The rows of echo with the plugin security: the section, and a key of HEADS."""
SECTIONS = {**SECURITY, **{name: section for name, (section, _) in POSTED.items()}}
"""The section `security` of each app of `--security`."""

ROUTER = f'''"""Routes that the comparison does not have."""

LARGE = "x" * {LARGE}


def router(app):
    """The wide and the large row."""
    for number in range({WIDE}):
        app.router.get(f"/wide{{number}}/:a/:b/:c", wide)
    app.router.get("/large", large)


async def wide(ctx):
    """Answers the three parameters."""
    ctx.body = ctx.params["a"] + ctx.params["b"] + ctx.params["c"]


async def large(ctx):
    """Answers a long text."""
    ctx.body = LARGE
'''


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    method: str
    path: str
    body: str = ""
    head: str = ""
    """A key of HEADS; "" for the one of the options."""
    first: bool = False
    """Whether it is a single request, before all others."""
    traced: bool = False
    """Whether no two requests in a row have the same header fields."""
    app: str = "bench"
    """The app that serves it: that of the comparison, or `wide`."""

    def requests(self, head: str) -> Iterator[bytes]:
        """Yields the bytes of each request for ever, with that head unless the row has its own."""
        ids = ("X-Request-Id: a17\r\n", "X-Request-Id: b17\r\n") if self.traced else ("",)
        return cycle([self._request(HEADS[self.head or head] + each) for each in ids])

    def _request(self, fields: str) -> bytes:
        if self.body:
            length = len(self.body.encode())
            fields += f"Content-Type: application/json\r\nContent-Length: {length}\r\n"
        return f"{self.method} {self.path} HTTP/1.1\r\n{fields}\r\n{self.body}".encode()


def write_secured(app: Path, section: str) -> None:
    """Switches the plugin security on in a copy of the app of the comparison."""
    (app / "config" / "plugin.py").write_text("security = True\n")
    with (app / "config" / "config_default.py").open("a") as file:
        file.write(f"security = {section}\n")


def write_wide(app: Path) -> None:
    """Writes the app of the rows `wide` and `large`, without security like the other one."""
    (app / "app").mkdir(parents=True)
    (app / "config").mkdir()
    (app / "config" / "plugin.py").write_text("security = False\n")
    (app / "pyproject.toml").write_text('[project]\nname = "wide"\n')
    (app / "app" / "router.py").write_text(ROUTER)


USERS = next(route.path for route in ROUTES if route.name == "users")

ROWS = [
    Row("first", "GET", USERS, first=True),
    *(Row(each.name, each.method, each.path, each.body) for each in ROUTES if not each.idle),
    Row("logged", "GET", "/logged"),
    Row("browser", "GET", "/hello", head="browser"),
    Row("traced", "GET", "/hello", head="browser", traced=True),
    Row("wide", "GET", f"/wide{WIDE - 1}/2026/11/egg", app="wide"),
    Row("large", "GET", "/large", app="wide"),
]
"""In the order of the table; those of one app stand together."""

ECHO = next(route for route in ROUTES if route.name == "echo")

SECURED = [
    *(Row(name, "GET", "/hello", app=name) for name in SECURITY),
    Row("echo", ECHO.method, ECHO.path, ECHO.body),
    *(
        Row(name, ECHO.method, ECHO.path, ECHO.body, head, app=name)
        for name, (_, head) in POSTED.items()
    ),
]
"""The rows of `--security`."""
