"""The blocks for many hosts of docs/haproxy.md and docs/nginx.md, with suites on this machine.

The long form of the tests also runs the programs of Debian 13.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from eggd.host.drain import drained
from tests.cli.supervised import Here
from tests.interop.recipes import (
    HOST,
    SYSTEMS,
    Client,
    block,
    installed,
    process,
    suite,
)
from tests.interop.test_nginx import started
from tests.polling import await_that
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("many hosts")]

NAMES = ("shop-1", "shop-2", "shop-3")
TRUST = 'trusted_proxies = ["unix"]'
EACH_SYSTEM = pytest.mark.parametrize("system", SYSTEMS)


@dataclass
class Shop:
    """A suite that stands for a host."""

    name: str
    here: Here
    port: int
    health: int


@pytest.fixture(scope="module")
def shops() -> Iterator[list[Shop]]:
    """Two hosts with health checks; the third of the pages is off: nothing listens there."""
    with ExitStack() as stack:
        shops = []
        for name in NAMES[:2]:
            port, health = free_port(), free_port()
            listen = f'cluster = {{"health": {{"listen": "127.0.0.1:{health}"}}}}'
            own = {TRUST: f'trusted_proxies = ["127.0.0.1"]\n{listen}'}
            here = stack.enter_context(suite("haproxy.md", str(port), "", **own))
            shops.append(Shop(name, here, port, health))
        yield shops


def addressed(text: str, shops: list[Shop]) -> str:
    """Returns a configuration with the ports of this machine."""
    text = text.replace("port 7002 ", "").replace("slowstart 30s", "slowstart 4s")
    for name, address in zip(NAMES, ("10.0.0.5", "10.0.0.6", "10.0.0.7"), strict=True):
        shop = next((each for each in shops if each.name == name), None)
        port, health = (shop.port, shop.health) if shop else (free_port(), free_port())
        text = text.replace(f"{name} {address}:7001", f"{name} 127.0.0.1:{port} port {health}")
        text = text.replace(f"{address}:7001", f"127.0.0.1:{port}")
    return text


@contextmanager
def haproxy(shops: list[Shop], folder: Path, system: str) -> Iterator[Client]:
    """Runs HAProxy with both backends; X-Served-By names the server of an answer."""
    page, port = "haproxy.md", free_port()
    front = block(page, "haproxy/haproxy.cfg").partition("\nbackend eggd")[0]
    front = re.sub(r"    (chroot|user|group) .*\n", "", front)
    front = re.sub(r"bind :\d+", f"bind 127.0.0.1:{port}", front)
    sticky = "    use_backend eggd-sticky if { path_beg /live/ }\n"
    mark = "    http-response set-header X-Served-By %s\n"
    front = front.replace("    default_backend", f"{sticky}{mark}    default_backend")
    backs = block(page, "haproxy/many.cfg") + "\n" + block(page, "haproxy/sticky.cfg")
    file = folder / "many.cfg"
    file.write_text(f"{front}\n{addressed(backs, shops).replace('inter 2s', 'inter 200ms')}")
    program = installed("haproxy", system)
    with process(port, folder / "out", *program.command, "-db", "-f", file):
        yield Client(port)
    assert "parsing" not in (folder / "out").read_text()


def served(client: Client, path: str = "/", **headers: str) -> tuple[int, str, str]:
    """Returns status, server and cookie of an answer."""
    connection = client.connection()
    try:
        connection.request("GET", path, headers={"Host": HOST, **headers})
        answer = connection.getresponse()
        answer.read()
        cookie = answer.getheader("Set-Cookie", "")
        return answer.status, answer.getheader("X-Served-By", ""), cookie.partition(";")[0]
    finally:
        connection.close()


def spread(client: Client, count: int = 40) -> Counter[str]:
    """Returns how many requests each server has answered with 200."""
    answers = [served(client) for _ in range(count)]
    assert {status for status, _, _ in answers} == {200}
    return Counter(server for _, server, _ in answers)


@EACH_SYSTEM
def test_haproxy_drains_by_the_health_check(shops: list[Shop], tmp_path: Path, system: str) -> None:
    """Under load no request fails, and the host is back with a slow start."""
    with haproxy(shops, tmp_path, system) as client:
        await_that(lambda: len(spread(client)) == 2, "both hosts")
        with client.load() as counts:
            with drained(shops[0].here.run):
                await_that(lambda: set(spread(client, 10)) == {"shop-2"}, "drain")
                sent = counts[200]
                await_that(lambda: counts[200] > sent + 100, "requests meanwhile")
            await_that(lambda: "shop-1" in spread(client, 10), "return")
        assert set(counts) == {200}
        begin = time.monotonic()
        await_that(lambda: abs(spread(client)["shop-1"] - 20) <= 4, "full share")
        assert time.monotonic() - begin < 20


@EACH_SYSTEM
def test_only_the_named_paths_are_sticky(shops: list[Shop], tmp_path: Path, system: str) -> None:
    """The cookie chooses the host; a host that drains gives its clients to another one."""
    with haproxy(shops, tmp_path, system) as client:
        await_that(lambda: len(spread(client)) == 2, "both hosts")
        assert served(client)[2] == ""
        await_that(lambda: served(client, "/live/")[2], "cookie")
        servers = {served(client, "/live/")[1:] for _ in range(20)}
        assert servers == {("shop-1", "HOST=shop-1"), ("shop-2", "HOST=shop-2")}
        cookie = {"Cookie": "HOST=shop-1"}
        assert {served(client, "/live/", **cookie)[1:] for _ in range(20)} == {("shop-1", "")}
        with drained(shops[0].here.run):
            moved = ("shop-2", "HOST=shop-2")
            await_that(lambda: served(client, "/live/", **cookie)[1:] == moved, "other host")


@EACH_SYSTEM
def test_nginx_passes_over_a_host_that_is_off(
    shops: list[Shop], tmp_path: Path, system: str
) -> None:
    """One of three hosts refuses connections; no request fails, POST too."""
    port = free_port()
    text = block("nginx.md", "nginx/shop.conf")
    old = text[text.index("upstream") : text.index("server {\n    listen")]
    text = text.replace(old, addressed(block("nginx.md", "nginx/many.conf"), shops) + "\n")
    text = text.replace("listen 80", f"listen 127.0.0.1:{port}")
    with started(installed("nginx", system), tmp_path, text, port):
        client = Client(port)
        with client.load() as counts:
            await_that(lambda: counts[200] > 300, "requests")
        assert set(counts) == {200}
        assert "emerg" not in (tmp_path / "out").read_text()
