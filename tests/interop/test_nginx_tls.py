"""HTTPS by nginx, by the page docs/nginx.md: the app knows that the client uses it."""

from __future__ import annotations

import http.client
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.supervised import Here
from tests.interop.recipes import FORGED, HOST, TIMEOUT, Client, Proxy, block
from tests.interop.test_nginx import SOCKET, program, shop, started
from tests.ports import free_port

__all__ = ["program", "shop"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("nginx")]

OPENSSL = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    *("-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
)


@dataclass
class Site:
    """The two ports of nginx, and the certificate."""

    plain: Client
    port: int
    certificate: Path

    def get(self, name: str = HOST, **headers: str) -> str:
        """Returns the text of a response over TLS; `name` is what the client asks for."""
        context = ssl.create_default_context(cafile=self.certificate)
        fields = {"Host": name, **headers}
        with Client(self.port).connect() as sock:
            with context.wrap_socket(sock, server_hostname=name) as encrypted:
                connection = http.client.HTTPConnection(name, timeout=TIMEOUT)
                connection.sock = encrypted
                connection.request("GET", "/", None, fields)
                return connection.getresponse().read().decode()


@pytest.fixture(scope="module")
def site(shop: Here, program: Proxy) -> Iterator[Site]:
    """Runs nginx with the page's blocks and a certificate of this test."""
    folder, port, encrypted = shop.home / f"tls{program.system}", free_port(), free_port()
    folder.mkdir()
    files = ("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem")
    subprocess.run([*OPENSSL, *files], check=True, capture_output=True)
    start = block("nginx.md", "nginx/shop.conf").partition("server {\n    listen")[0]
    text = start + block("nginx.md", "nginx/tls.conf")
    for old, new in {
        "unix:/run/eggd/http.sock": f"unix:{shop.home}/{SOCKET}",
        "/etc/letsencrypt/live/shop.example": str(folder),
        "listen 80": f"listen 127.0.0.1:{port}",
        "listen 443": f"listen 127.0.0.1:{encrypted}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    with started(program, folder, text, port):
        yield Site(Client(port), encrypted, folder / "fullchain.pem")


def test_the_app_sees_https(site: Site) -> None:
    """Whatever the client writes in the fields of proxies."""
    expected = f"127.0.0.2 ['127.0.0.2'] https {HOST} GET"
    assert site.get() == expected
    assert site.get(**{**FORGED, "X-Forwarded-Proto": "http"}) == expected


def test_http_2(site: Site) -> None:
    where = ("--resolve", f"{HOST}:{site.port}:127.0.0.1", "--cacert", str(site.certificate))
    version = ("-o", "/dev/null", "-w", "%{http_version} %{http_code}")
    url = f"https://{HOST}:{site.port}/"
    command = ("curl", "-sS", "--http2", *where, *version, url)
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=True)
    assert done.stdout == "2 200"


@pytest.mark.parametrize("host", [HOST, "evil.example"])
def test_plain_http_is_redirected_to_the_own_host(site: Site, host: str) -> None:
    connection = site.plain.connection()
    connection.request("GET", "/a?b=%20c", None, {"Host": host})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (301, f"https://{HOST}/a?b=%20c")
    connection.close()


def test_the_handshake_with_another_name_is_rejected(site: Site) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized"):
        site.get("evil.example")


def test_the_location_is_that_of_plain_http() -> None:
    """The page has it twice, so that each block can be copied."""
    plain, encrypted = (
        block("nginx.md", f"nginx/{name}.conf").partition("location / {")[2]
        for name in ("shop", "tls")
    )
    assert plain == encrypted
