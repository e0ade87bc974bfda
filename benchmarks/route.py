"""The routes of the comparison: what is asked, and what every peer must answer to it."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

from benchmarks.apps.python.answers import HELLO, account, team
from benchmarks.install import PeerError
from benchmarks.wrk import CONNECTIONS

ECHO_BYTES = 1024


@dataclass(frozen=True)
class Answer:
    """The answer of a peer."""

    status: int
    """The status code."""
    type: str
    """The media type, lower-cased; of text with its charset (JSON has one, RFC 8259)."""
    body: object
    """The text, or what the JSON says."""


@dataclass(frozen=True)
class Route:
    """One question."""

    name: str
    """The name for --route."""
    method: str
    """GET or POST."""
    path: str
    """The request target."""
    body: str
    """The body of the request; may be empty."""
    expected: Answer
    """The answer that every peer must give before it is measured."""
    about: str
    """A description for the report."""
    connections: int = CONNECTIONS
    """Connections on which wrk sends requests."""
    idle: int = 0
    """Other connections, open and silent meanwhile."""
    header: str = ""
    """One more line of each request, `Cookie: a=1`; "" without one."""

    def check(self, port: int) -> None:
        """Asks once; raises PeerError where the answer is not the expected one."""
        actual = ask(port, self)
        if actual != self.expected:
            raise PeerError(f"{self.method} {self.path} is {actual}, not {self.expected}")


def ask(port: int, route: Route) -> Answer:
    """Returns a peer's answer; raises OSError or HTTPException on failure."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        fields = {"Content-Type": "application/json"} if route.body else {}
        if route.header:
            name, _, value = route.header.partition(": ")
            fields[name] = value
        client.request(route.method, route.path, route.body or None, fields)
        response = client.getresponse()
        return answer(response.status, response.headers["content-type"] or "", response.read())
    finally:
        client.close()


def answer(status: int, content_type: str, body: bytes) -> Answer:
    """Returns an answer in the form in which two that mean the same are equal."""
    kind = content_type.lower().replace(" ", "")
    text = body.decode(errors="replace")
    if kind.partition(";")[0] != "application/json":
        return Answer(status, kind, text)
    try:
        return Answer(status, "application/json", json.loads(text))
    except ValueError:
        return Answer(status, "application/json", text)


def order() -> dict[str, object]:
    """Returns an order of 26 values and a long note; its compact JSON has ECHO_BYTES bytes."""
    content: dict[str, object] = {
        "order": 471_100,
        "paid": True,
        "discount": None,
        "customer": {"id": 815, "name": "Ada Lovelace", "mail": "ada@example.org", "since": 2019},
        "items": [
            {
                "sku": f"egg-{n:04}",
                "name": f"A dozen, farm number {n}",
                "count": n,
                "price": n * 1.5,
            }
            for n in range(4)
        ],
        "note": "",
    }
    note = "Leave it at the door of the neighbours, please, if no one is home. " * 9
    content["note"] = note[: ECHO_BYTES - len(compact(content))]
    return content


def compact(value: object) -> str:
    """Returns JSON without blanks."""
    return json.dumps(value, separators=(",", ":"))


HELLO_ANSWER = Answer(200, "text/plain;charset=utf-8", HELLO)
USER = account("4711", "1")

ROUTES = [
    Route(
        "hello", "GET", "/hello", "", HELLO_ANSWER,
        f"GET /hello: {len(HELLO)} bytes of text",
    ),
    Route(
        "json", "GET", "/json", "", Answer(200, "application/json", team()),
        f"GET /json: ten objects in one, built per request: {len(compact(team()))} bytes",
    ),
    Route(
        "users", "GET", "/api/users/4711?verbose=1", "", Answer(200, "application/json", USER),
        "GET /api/users/:id?verbose=1: a parameter, a query, ten objects with a formatted label: "
        f"{len(compact(USER))} bytes",
    ),
    Route(
        "echo", "POST", "/echo", compact(order()), Answer(200, "application/json", order()),
        f"POST /echo: {ECHO_BYTES} bytes of JSON, parsed and answered",
    ),
    Route(
        "idle", "GET", "/hello", "", HELLO_ANSWER,
        "GET /hello on 10 of 1,000 connections, the others open and silent",
        connections=10, idle=990,
    ),
]  # fmt: skip
