"""An RSGI application, as Granian's documentation writes one; `granian granian_app:app` serves it.

RSGI has no router and no JSON: the handler compares the path, and orjson, the fastest choice,
reads and writes.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import orjson
from answers import HELLO, account, team

JSON = [("content-type", "application/json")]
TEXT = [("content-type", "text/plain; charset=utf-8")]
USERS = "/api/users/"


async def app(scope: Any, protocol: Any) -> None:
    """Answers one request."""
    path = scope.path
    if path == "/hello":
        protocol.response_str(status=200, headers=TEXT, body=HELLO)
    elif path == "/json":
        protocol.response_bytes(status=200, headers=JSON, body=orjson.dumps(team()))
    elif path.startswith(USERS):
        (verbose,) = parse_qs(scope.query_string).get("verbose", [None])
        body = orjson.dumps(account(path[len(USERS) :], verbose))
        protocol.response_bytes(status=200, headers=JSON, body=body)
    elif path == "/echo" and scope.method == "POST":
        body = orjson.dumps(orjson.loads(await protocol()))
        protocol.response_bytes(status=200, headers=JSON, body=body)
    else:
        protocol.response_empty(status=404, headers=[])
