"""Sessions in one SQLite file of four workers, which are killed in turn again and again."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import pytest

from eggd.testing.suite import Suite
from tests.cluster.conftest import Start

CONFIG = 'keys = "key"\nsession = {"store": "sqlite"}\n'
ROUTER = """
    async def count(ctx):
        ctx.session["count"] = ctx.session.get("count", 0) + 1
        return [ctx.session["count"]]

    async def read(ctx):
        return [ctx.session.get("count", 0)]

    def router(app):
        app.get("/count", count)
        app.get("/read", read)
"""
WORKERS = 4
CONNECTIONS = 64
REQUESTS = 4
"""Answered requests that change each session."""
ROUNDS = 8
"""Most rounds until a kill has cut a request."""


@dataclass
class Browser:
    """A client that has one session after the other, each on a keep-alive connection."""

    suite: Suite
    cut: int = 0
    """Requests without an answer, because their worker was killed."""
    answered: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Answers other than 200: status and text."""
    wrong: list[str] = field(default_factory=list)
    """Counters that do not follow from the answers."""
    _http: HTTPConnection | None = None
    _cookie: str = ""

    def visit(self, sessions: int) -> None:
        """Has that many sessions."""
        for _ in range(sessions):
            self._cookie = ""
            self._have_session()
            self._close()  # so that the next is with any worker

    def _have_session(self) -> None:
        answered = cut = 0
        while answered < REQUESTS:
            count = self._ask("/count")
            if count is not None:
                answered += 1
                self._check(answered, count, cut)
            elif self._cookie:  # without it the cut request was of another session
                cut += 1
        while (count := self._ask("/read")) is None:
            pass
        self._check(answered, count, cut)

    def _check(self, answered: int, count: int, cut: int) -> None:
        if not answered <= count <= answered + cut:
            self.wrong.append(f"{answered} answered, {cut} cut, but the counter is {count}")

    def _ask(self, path: str) -> int | None:
        """Returns the counter; None if the connection ended before the answer."""
        if self._http is None:
            self._http = HTTPConnection("127.0.0.1", self.suite.port, timeout=60)
        try:
            self._http.request("GET", path, headers={"Cookie": self._cookie or "a=b"})
            response = self._http.getresponse()
            body = response.read()
        except (HTTPException, ConnectionError):
            self.cut += 1
            self._close()
            return None
        if response.status != 200:
            self.refused.append((response.status, body.decode()))
            raise AssertionError(f"{path}: {response.status} {body.decode()}")
        self.answered += 1
        if line := response.headers["Set-Cookie"]:
            self._cookie = line.partition(";")[0]
        count: int = json.loads(body)[0]
        return count

    def _close(self) -> None:
        if self._http is not None:
            self._http.close()
        self._http = None


def kill_until_done(suite: Suite, visits: list[Future[None]]) -> int:
    """Kills one worker after the other, and starts it again, while the visits last.

    Returns the number of deaths.
    """
    kills = 0
    while kills == 0 or not all(visit.done() for visit in visits):
        name = f"worker-{kills % WORKERS + 1}"
        suite.kill(name)
        suite.restart(name).wait_ready()
        kills += 1
    return kills


@pytest.mark.parametrize(
    "sessions", [640, pytest.param(10_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_no_answered_change_of_a_session_is_lost(
    start: Start, sessions: int, figure: Callable[[str], None]
) -> None:
    """No client gets 503, because the writers wait for each other."""
    files = {"config/config_default.py": CONFIG, "app/router.py": ROUTER}
    suite = start(workers=WORKERS, files=files)
    browsers = [Browser(suite) for _ in range(CONNECTIONS)]
    share, kills, rounds = -(-sessions // CONNECTIONS), 0, 0
    ended: list[Future[None]] = []
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        while rounds < ROUNDS and not any(browser.cut for browser in browsers):
            visits = [threads.submit(browser.visit, share) for browser in browsers]
            kills, rounds = kills + kill_until_done(suite, visits), rounds + 1
            ended += visits
    assert [browser.refused for browser in browsers if browser.refused] == []
    assert [browser.wrong for browser in browsers if browser.wrong] == []
    for visit in ended:
        visit.result()
    log = "".join(file.read_text() for file in suite.logdir.glob("*.log"))
    assert "database is locked" not in log
    answered, cut = (sum(getattr(each, name) for each in browsers) for name in ("answered", "cut"))
    assert cut > 0
    figure(
        f"{rounds * share * CONNECTIONS:,} sessions, {answered:,} requests answered, {cut} cut by "
        f"{kills} deaths of a worker: no change lost, no 503"
    )
