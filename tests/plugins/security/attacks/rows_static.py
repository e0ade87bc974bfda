"""Attacks by requests for files of app/public."""

from __future__ import annotations

from tests.plugins.security.attacks.rows import Attack


def _get(path: str, *lines: str) -> str:
    return "\n".join([f"GET {path} HTTP/1.1", "Host: a", *lines])


_ACCEL = {
    "X-Accel-Redirect": "X-Accel-Redirect: /internal/etc/passwd",
    "X-Sendfile": "X-Sendfile: /etc/passwd",
    "a mapping of X-Accel": "X-Sendfile-Type: X-Accel-Redirect\nX-Accel-Mapping: /=/internal/",
}
_HEADERS = [
    Attack(
        name=f"header: {what} of the client",
        head=_get("/public/a.txt", line, "X-Forwarded-For: 1.2.3.4"),
        statuses=(200,),
        never="(?i)x-accel|x-sendfile|root:",
        always=r"\n\na\Z",
    )
    for what, line in _ACCEL.items()
]
ROWS = [
    *_HEADERS,
    Attack(
        name="header: a line break in the name of a file",
        head=_get("/public/a.txt%0d%0aX-Injected:%201"),
        statuses=(400, 404),
        never=r"\nX-Injected",
    ),
    Attack(
        name="xss: an element as the name of a file",
        head=_get("/public/%3Cimg%20src=x%20onerror=alert(1)%3E", "Accept: text/html"),
        statuses=(404,),
        never="<img",
    ),
    Attack(
        name="redirect: a host in the name of a folder",
        head=_get("/public//evil.example"),
        statuses=(404,),
        never=r"(?i)\nlocation:",
    ),
    Attack(
        name="mime: a file that a browser may take for another type",
        head=_get("/public/a.txt"),
        statuses=(200,),
        always=r"(?s)\nContent-Type: text/plain.*\nX-Content-Type-Options: nosniff\n|"
        r"\nX-Content-Type-Options: nosniff\n.*\nContent-Type: text/plain",
    ),
    Attack(
        name="clickjacking: a file in a frame of another site",
        head=_get("/public/a.txt"),
        statuses=(200,),
        always=r"(?i)\nx-frame-options: sameorigin\n|frame-ancestors",
    ),
]
