"""The page docs/haproxy.md against Debian's HAProxy: each complaint has its line and its test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cli.supervised import Here
from tests.interop import recipes
from tests.interop.recipes import (
    HOST,
    SYSTEMS,
    Client,
    Proxy,
    Tap,
    block,
    installed,
    process,
    suite,
)
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("haproxy")]

SOCKET = "eggd/http.sock"
SEEN = f"127.0.0.2 ['127.0.0.2'] http {HOST} GET"


@pytest.fixture(scope="module")
def shop() -> Iterator[Here]:
    """Two workers on a Unix socket that only the group of HAProxy may use."""
    with suite("haproxy.md", SOCKET, "haproxy") as it:
        yield it


@pytest.fixture(scope="module", params=SYSTEMS)
def program(request: pytest.FixtureRequest) -> Proxy:
    """The HAProxy of Debian 12, and that of Debian 13."""
    return installed("haproxy", request.param)


@pytest.fixture(scope="module")
def client(shop: Here, program: Proxy) -> Iterator[Client]:
    """Asks HAProxy with the page's configuration."""
    with haproxy(shop, program, "all") as client:
        yield client


@contextmanager
def haproxy(
    shop: Here,
    program: Proxy,
    name: str,
    text: str = block("haproxy.md", "haproxy/haproxy.cfg"),
    **replaced: str,
) -> Iterator[Client]:
    """Runs HAProxy with the page's configuration, in which `replaced` texts are changed."""
    port, file = free_port(), shop.home / f"{name}{program.system}.cfg"
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    text = text.replace("chroot /var/lib/haproxy", f"chroot {shop.home}")
    file.write_text(re.sub(r"bind :\d+", f"bind 127.0.0.1:{port}", text))
    with process(port, file.with_suffix(".out"), *program.command, "-db", "-f", file):
        yield Client(port)


@contextmanager
def tapped(shop: Here, program: Proxy, name: str) -> Iterator[tuple[Client, Tap]]:
    """Runs HAProxy, without health checks, with a tap before the suite."""
    tap = Tap(f"{shop.home}/{SOCKET}")
    with tap.running() as port:
        server = f"127.0.0.1:{port} pool-purge-delay 1s"
        changes = {"/eggd/http.sock pool-purge-delay 5s check inter 2s fall 3 rise 2": server}
        with haproxy(shop, program, name, **changes) as client:
            yield client, tap


@pytest.mark.parametrize("name", recipes.FORGED)
def test_a_client_cannot_choose_its_address_protocol_or_host(client: Client, name: str) -> None:
    """Peers of a Unix socket have no address; `unix` trusts HAProxy (known:KW-46)."""
    assert client.get(**{name: recipes.FORGED[name]}) == SEEN


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:80@{HOST}", "", "a/b", "a b"])
def test_a_forged_host_does_not_reach_the_app(client: Client, host: str) -> None:
    """HAProxy answers 421, or 400 to a malformed host (known:KW-48)."""
    answer = client.raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.split()[1] in (b"421", b"400")


def test_haproxy_warns_about_no_line_of_the_page(
    shop: Here, program: Proxy, client: Client
) -> None:
    assert client.get() == SEEN
    assert "parsing" not in (shop.home / f"all{program.system}.out").read_text()


def test_a_websocket_passes(client: Client) -> None:
    status, answer = recipes.websocket(client, b"hello")
    assert (status, answer) == (b"HTTP/1.1 101 Switching Protocols\r\n", b"127.0.0.2 hello")


def test_an_event_is_passed_on_at_once(client: Client) -> None:
    assert recipes.first_event(client) == b"data: first\n"


@pytest.mark.parametrize("end", recipes.SMUGGLED)
def test_the_end_of_a_request_is_not_disputed(client: Client, end: str) -> None:
    """A request behind a malformed one would be answered to the next client."""
    statuses = recipes.smuggle(client, end)
    assert statuses[0].split()[1] in (b"400", b"501", b"200", b"422")
    for _ in range(4):
        assert client.get() == SEEN


def test_connections_to_eggd_are_kept_and_haproxy_closes_them_first(
    shop: Here, program: Proxy
) -> None:
    """One connection has all requests of a client; HAProxy purges it before eggd closes it."""
    with tapped(shop, program, "kept") as (client, tap):
        connection = client.connection()
        for _ in range(20):
            connection.request("POST", "/echo", b"abc", {"Host": HOST})
            assert connection.getresponse().read() == b"3"
        assert len(tap.sent) == 1
        connection.close()
        assert tap.wait_closed() == "proxy"


def test_a_shorter_time_of_eggd_closes_connections_that_haproxy_keeps(program: Proxy) -> None:
    """The mistake that the page prevents, so that the test of the right order can fail."""
    with suite("haproxy.md", SOCKET, "haproxy", **{"75": "0.2"}) as shop:
        with tapped(shop, program, "short") as (client, tap):
            assert client.ask("POST", "/echo", b"abc") == (200, b"3")
            assert tap.wait_closed() == "eggd"


def test_no_request_fails_at_a_reload(shop: Here, program: Proxy, client: Client) -> None:
    """POST too, and the health checks see no gap: HAProxy never reports the server down."""
    with client.load() as counts:
        done = shop.eggd("reload", str(shop.app))
    assert done.returncode == 0, done.stderr
    assert (set(counts), counts[200] > 100) == ({200}, True), counts
    assert "is DOWN" not in (shop.home / f"all{program.system}.out").read_text()


def test_a_body_above_the_apps_limit_gets_its_answer_through_haproxy(client: Client) -> None:
    form = "application/x-www-form-urlencoded"
    status, text = client.ask("POST", "/echo", b"a" * 3_000_000, Content__Type=form)
    assert (status, b"haproxy" in text.lower()) == (413, False)
    assert client.get() == SEEN


def test_the_limit_of_haproxy_is_that_of_eggd(client: Client) -> None:
    """A declared length above 100 MiB is rejected before a byte of it is read."""
    head = f"POST /echo HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {100 * 2**20 + 1}\r\n\r\n"
    with client.connect() as sock, sock.makefile("rb") as stream:
        sock.sendall(head.encode())
        assert stream.readline().split()[1] == b"413"


def test_a_server_that_is_down_is_passed_over(shop: Here, program: Proxy) -> None:
    """The block for several hosts, with one host on which nothing listens; no request fails."""
    head = block("haproxy.md", "haproxy/haproxy.cfg").partition("\nbackend eggd")[0]
    text = f"{head}\n{block('haproxy.md', 'haproxy/hosts.cfg')}"
    tap = Tap(f"{shop.home}/{SOCKET}")
    with tap.running() as port:
        changes = {
            "10.0.0.5:7001": f"127.0.0.1:{free_port()}",
            "10.0.0.6:7001": f"127.0.0.1:{port}",
        }
        with haproxy(shop, program, "hosts", text, **changes) as client:
            assert {client.get() for _ in range(10)} == {SEEN}


def test_the_proxy_protocol_carries_the_address(program: Proxy) -> None:
    """HAProxy reads no HTTP; its health checks pass, and fields of the client have no effect."""
    own = block("haproxy.md", "config/config_tcp.py")
    changes = {block("haproxy.md", "config/config_prod.py"): own}
    head = block("haproxy.md", "haproxy/haproxy.cfg").partition("frontend shop")[0]
    text = head + block("haproxy.md", "haproxy/tcp.cfg").replace("inter 2s", "inter 50ms")
    with suite("haproxy.md", SOCKET, "haproxy", **changes) as shop:
        with haproxy(shop, program, "tcp", text) as client:
            fields = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https"}
            assert client.get(**fields) == f"127.0.0.2 [] http {HOST} GET"
            with client.load() as counts:
                done = shop.eggd("reload", str(shop.app))
            assert done.returncode == 0, done.stderr
            assert (set(counts), counts[200] > 100) == ({200}, True), counts
        assert "is DOWN" not in (shop.home / f"tcp{program.system}.out").read_text()
