"""Tornado, as its documentation writes an app: tornado_app.py PORT WORKERS."""

from __future__ import annotations

import asyncio
import sys

from answers import HELLO, account, team
from tornado.escape import json_decode
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.process import fork_processes
from tornado.web import Application, RequestHandler


class Hello(RequestHandler):
    """Answers a short text."""

    def get(self) -> None:
        """Answers."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write(HELLO)


class Json(RequestHandler):
    """Answers an object with ten objects in it."""

    def get(self) -> None:
        """Answers."""
        self.write(team())


class Users(RequestHandler):
    """Answers an object that depends on a parameter and on the query."""

    def get(self, user: str) -> None:
        """Answers."""
        self.write(account(user, self.get_query_argument("verbose", None)))


class Echo(RequestHandler):
    """Answers the JSON that came."""

    def post(self) -> None:
        """Answers."""
        self.write(json_decode(self.request.body))


async def main(sockets: list) -> None:
    """Serves until killed."""
    app = Application(
        [
            ("/hello", Hello),
            ("/json", Json),
            ("/api/users/([^/]+)", Users),
            ("/echo", Echo),
        ]
    )
    HTTPServer(app).add_sockets(sockets)
    await asyncio.Event().wait()


if __name__ == "__main__":
    port, workers = map(int, sys.argv[1:])
    sockets = bind_sockets(port, "127.0.0.1", backlog=4096)
    if workers > 1:
        fork_processes(workers)
    asyncio.run(main(sockets))
