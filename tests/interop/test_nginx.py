"""The page docs/nginx.md against Debian's nginx: each complaint has its line and its test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("nginx")]

MAIN = """
user www-data; daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
    fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    include {folder}/shop.conf;
}}
"""
SOCKET = "sockets/http.sock"


@pytest.fixture(scope="module")
def shop() -> Iterator[Here]:
    """Two workers on a Unix socket that only the group of nginx may use."""
    with suite("nginx.md", SOCKET, "www-data") as it:
        yield it


@pytest.fixture(scope="module", params=SYSTEMS)
def program(request: pytest.FixtureRequest) -> Proxy:
    """The nginx of Debian 12, and that of Debian 13."""
    return installed("nginx", request.param)


@pytest.fixture(scope="module")
def client(shop: Here, program: Proxy) -> Iterator[Client]:
    """Asks nginx with the page's configuration, the files by nginx among it."""
    with nginx(shop, program, "all") as client:
        yield client


def configuration(shop: Here, port: int) -> str:
    text = block("nginx.md", "nginx/shop.conf")
    files = block("nginx.md", "nginx/files.conf") + block("nginx.md", "nginx/static.conf")
    text = text.rstrip().removesuffix("}") + files.replace("/srv/shop", str(shop.app)) + "}\n"
    text = text.replace("unix:/run/eggd/http.sock", f"unix:{shop.home}/{SOCKET}")
    return text.replace("listen 80", f"listen 127.0.0.1:{port}")


@contextmanager
def nginx(shop: Here, program: Proxy, name: str, **replaced: str) -> Iterator[Client]:
    """Runs nginx with the page's configuration, in which `replaced` texts are changed."""
    folder, port = shop.home / f"{name}{program.system}", free_port()
    folder.mkdir()
    text = configuration(shop, port)
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    with started(program, folder, text, port):
        yield Client(port)


@contextmanager
def started(program: Proxy, folder: Path, text: str, port: int) -> Iterator[None]:
    """Runs nginx with the text of /etc/nginx/conf.d/shop.conf."""
    (folder / "shop.conf").write_text(text)
    (folder / "main").write_text(MAIN.format(folder=folder))
    with process(port, folder / "out", *program.command, "-c", folder / "main"):
        yield


@contextmanager
def tapped(shop: Here, program: Proxy, name: str, idle: str) -> Iterator[tuple[Client, Tap]]:
    """Runs nginx with a tap before the suite; nginx keeps idle connections for `idle`."""
    path = f"{shop.home}/{SOCKET}"
    tap = Tap(path)
    with tap.running() as port:
        changes = {f"unix:{path}": f"127.0.0.1:{port}", "keepalive_timeout 60s": idle}
        with nginx(shop, program, name, **changes) as client:
            yield client, tap


@pytest.mark.parametrize("name", recipes.FORGED)
def test_a_client_cannot_choose_its_address_protocol_or_host(client: Client, name: str) -> None:
    """Peers of a Unix socket have no address; `unix` trusts nginx (known:KW-46)."""
    expected = f"127.0.0.2 ['127.0.0.2'] http {HOST} GET"
    assert client.get(**{name: recipes.FORGED[name]}) == expected


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:80@{HOST}", "", "a/b", "a b"])
def test_a_forged_host_does_not_reach_the_app(client: Client, host: str) -> None:
    """The connection is closed (444), or the request rejected (400; known:KW-48)."""
    answer = client.raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b"\r\n")[0] in (b"", b"HTTP/1.1 400 Bad Request")


def test_a_websocket_passes(client: Client) -> None:
    status, answer = recipes.websocket(client, b"hello")
    assert (status, answer) == (b"HTTP/1.1 101 Switching Protocols\r\n", b"127.0.0.2 hello")


def test_an_event_is_passed_on_at_once(client: Client) -> None:
    """Without X-Accel-Buffering nginx would wait for 4 KiB of events."""
    assert recipes.first_event(client) == b"data: first\n"


@pytest.mark.parametrize("end", recipes.SMUGGLED)
def test_the_end_of_a_request_is_not_disputed(client: Client, end: str) -> None:
    """A request behind a malformed one would be answered to the next client."""
    statuses = recipes.smuggle(client, end)
    assert statuses[0].split()[1] in (b"400", b"501", b"200")
    for _ in range(4):
        assert client.get() == f"127.0.0.2 ['127.0.0.2'] http {HOST} GET"


def test_connections_to_eggd_are_kept_and_nginx_closes_them_first(
    shop: Here, program: Proxy
) -> None:
    """One connection has all requests; eggd's longer time leaves the close to nginx."""
    with tapped(shop, program, "kept", "keepalive_timeout 1s") as (client, tap):
        for _ in range(20):
            assert client.ask("POST", "/echo", b"abc") == (200, b"3")
        assert len(tap.sent) == 1
        assert b"Connection:" not in bytes(tap.sent[0])
        assert tap.wait_closed() == "proxy"


def test_the_times_of_the_page_leave_a_margin(shop: Here) -> None:
    """The time of nginx is at least 10 s shorter, so that it closes first."""
    text = block("nginx.md", "nginx/shop.conf")
    nginx_idle = int(re.findall(r"keepalive_timeout (\d+)s", text)[0])
    eggd_idle = int(re.findall(r"\d+", block("nginx.md", "config/config_prod.py"))[-1])
    assert nginx_idle + 10 <= eggd_idle


def test_a_shorter_time_of_eggd_closes_connections_that_nginx_uses(program: Proxy) -> None:
    """The mistake that the page prevents, so that the test of the right order can fail."""
    with suite("nginx.md", SOCKET, "www-data", **{"75": "1"}) as shop:
        with tapped(shop, program, "short", "keepalive_timeout 60s") as (client, tap):
            assert client.ask("POST", "/echo", b"abc") == (200, b"3")
            assert tap.wait_closed() == "eggd"


def test_no_request_fails_at_a_reload(shop: Here, client: Client) -> None:
    """POST too, which nginx never sends twice."""
    with client.load() as counts:
        done = shop.eggd("reload", str(shop.app))
    assert done.returncode == 0, done.stderr
    assert (set(counts), counts[200] > 100) == ({200}, True), counts


def test_a_body_above_the_apps_limit_gets_its_answer_through_nginx(client: Client) -> None:
    """The app's limit and text, not nginx's page; nginx passes on up to its own limit."""
    status, text = client.ask(
        "POST", "/echo", b"a" * 3_000_000, Content__Type="application/x-www-form-urlencoded"
    )
    assert (status, b"nginx" in text) == (413, False)
    assert client.get().startswith("127.0.0.2 ")


def test_the_limit_of_nginx_is_that_of_eggd(client: Client) -> None:
    """A declared length above 100 MiB is rejected before a byte of it is read."""
    head = f"POST /echo HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {100 * 2**20 + 1}\r\n\r\n"
    with client.connect() as sock, sock.makefile("rb") as stream:
        sock.sendall(head.encode())
        assert stream.readline().split()[1] == b"413"


def test_nginx_sends_a_file_that_the_app_allows(shop: Here, client: Client) -> None:
    """The status of the app holds for a request that it refuses; ranges are nginx's."""
    (shop.app / "files").mkdir(exist_ok=True)
    (shop.app / "files/7.pdf").write_bytes(b"%PDF-1.7")
    assert client.get("/invoices/7", x__key="secret") == "%PDF-1.7"
    assert client.ask("GET", "/invoices/7", x__key="secret", Range="bytes=1-3") == (206, b"PDF")
    assert client.ask("GET", "/invoices/8", x__key="secret")[0] == 404
    assert client.ask("GET", "/invoices/7")[0] == 403
    for path in ("/files/7.pdf", "/invoices/..%2f7", "/invoices/%2e%2e/files/7.pdf"):
        assert client.ask("GET", path, x__key="secret")[0] == 404


def test_a_server_that_is_down_is_passed_over(shop: Here, program: Proxy) -> None:
    """The block for several hosts, with one host on which nothing listens."""
    hosts = block("nginx.md", "nginx/hosts.conf")
    tap = Tap(f"{shop.home}/{SOCKET}")
    with tap.running() as port:
        hosts = hosts.replace("10.0.0.5:7001", f"127.0.0.1:{free_port()}")
        hosts = hosts.replace("10.0.0.6:7001", f"127.0.0.1:{port}")
        upstream = block("nginx.md", "nginx/shop.conf")
        upstream = upstream[upstream.index("upstream") : upstream.index("server {\n    listen")]
        own = upstream.replace("unix:/run/eggd/http.sock", f"unix:{shop.home}/{SOCKET}")
        with nginx(shop, program, "hosts", **{own: hosts}) as client:
            assert {client.get() for _ in range(20)} == {f"127.0.0.2 ['127.0.0.2'] http {HOST} GET"}
