"""Messages among three hosts whose agents are killed meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fleet.conftest import StartHosts
from tests.fleet.hosts import AGENT, Host
from tests.polling import await_that

COUNTING = """
    import asyncio
    import json
    import os
    from pathlib import Path

    from eggd import Boot, OutboxFullError

    class AppBoot(Boot):
        async def did_load(self):
            self.seen, self.ended = {}, {}
            self.me = f"{os.environ.get('HOST_NAME')}-{self.app.host.slot}"
            cluster = self.app.messenger.cluster
            cluster.on("count", self.count).on("go", self.go).on("end", self.end)

        def count(self, number, sender):
            last, wrong = self.seen.get(sender, (0, 0))
            self.seen[sender] = number, wrong + (number != last + 1)

        async def go(self, order):
            cluster, loop = self.app.messenger.cluster, asyncio.get_running_loop()
            begin, number = loop.time(), 0
            while number < order["total"]:
                due = min(order["total"], int((loop.time() - begin) * order["rate"]))
                while number < due and self.send("count", number + 1):
                    number += 1
                await asyncio.sleep(0.02)
            while not self.send("end", number):
                await asyncio.sleep(0.02)

        def send(self, action, number):
            try:
                self.app.messenger.cluster.broadcast(action, number, at="least_once")
            except OutboxFullError:
                return False
            return True

        def end(self, number, sender):
            self.ended[sender] = number
            if len(self.ended) == 12:
                report = [[*each, self.ended[each], *self.seen[each]] for each in self.ended]
                file = Path(os.environ["SHARED"], f"report-{self.me}")
                file.with_suffix(".new").write_text(json.dumps(report))
                file.with_suffix(".new").rename(file)
"""
ROUTER = """
    from eggd import NoPeerError

    def go(ctx):
        order = {"total": int(ctx.query["total"]), "rate": float(ctx.query["rate"])}
        ctx.app.messenger.cluster.broadcast("go", order, at="least_once")
        ctx.body = "ok"

    async def hosts(ctx):
        try:
            ctx.body = sorted(await ctx.app.messenger.cluster.hosts())
        except NoPeerError:
            ctx.body = []

    def router(app):
        app.router.get("/go", go)
        app.router.get("/hosts", hosts)
"""
RATE = 2_000
"""Messages a second of all workers; each goes to all of them."""


def get(host: Host, path: str) -> str:
    """Returns the body of a response of a worker of a host."""
    with host.suite.connect(60) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        response = b"".join(iter(lambda: sock.recv(65536), b"")).decode()
    assert response.startswith("HTTP/1.1 200"), response
    return response.partition("\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("seconds", "pause"),
    [
        pytest.param(2, 1, marks=pytest.mark.timeout(300)),
        pytest.param(60, 5, marks=[pytest.mark.soak, pytest.mark.timeout(600)]),
    ],
)
def test_nothing_is_lost_or_twice(
    seconds: int,
    pause: float,
    start_hosts: StartHosts,
    tmp_path: Path,
    figure: Callable[[str], None],
) -> None:
    """12 workers get each message of each worker once, in order, though agents are killed."""
    files = {"app.py": COUNTING, "app/router.py": ROUTER}
    hosts = start_hosts(files, (0.0, 0.0, 0.0), workers=4)
    total = RATE * seconds // 12
    await_that(lambda: get(hosts[0], "/hosts") == '["a","b","c"]', "three hosts")
    begin = time.monotonic()
    get(hosts[0], f"/go?total={total}&rate={RATE / 12}")
    kills = 0
    while time.monotonic() < begin + seconds:
        end = time.monotonic() + pause
        await_that(lambda e=end: time.monotonic() > e, "end of the pause")  # type: ignore[misc]
        suite = hosts[kills % 3].suite
        suite.kill(AGENT)
        suite.spawn(AGENT).wait_ready(60)
        kills += 1
    await_that(lambda: len(list(tmp_path.glob("report-?-?"))) == 12, "reports of 12 workers")
    took = time.monotonic() - begin
    for file in tmp_path.glob("report-?-?"):
        report = json.loads(file.read_text())
        assert len({tuple(row[:3]) for row in report}) == 12
        assert [row[3:] for row in report] == [[total, total, 0]] * 12, file.name
    figure(f"{12 * total} messages to 12 workers in {took:.1f} s, {kills} agents killed")
