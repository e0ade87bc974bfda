"""Addresses that are refused, in every form that leads to them."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eggd.errors import ArgumentError, ConfigError
from eggd.httpclient.addresses import address_rules
from eggd.httpclient.errors import IllegalAddressError
from tests.house.imports import ROOT
from tests.httpclient.server import Asked, redirect, response, talking

OK = response("ok")
REFUSED = """
0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.255.0.1 168.63.129.16
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.168.1.1 198.18.0.1 203.0.113.5 224.0.0.1
240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1
64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::5 2001::80ff:fffe 2001:0:7f00:1::1
fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001:db8::1 100::1 2606:4700::5efe:a00:1
2606:4700::200:5efe:7f00:1
""".split()
ALLOWED = """
8.8.8.8 1.1.1.1 172.32.0.1 100.128.0.1 11.0.0.1 2606:4700::1111 2a00:1450:4001::200e ::ffff:8.8.8.8
64:ff9b::8.8.8.8 2002:808:808::1
""".split()


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_is_refused(address: str) -> None:
    """A table of our own, embedded addresses included (known:KW-32, process:SSRF-4)."""
    assert address_rules()(address, 6 if ":" in address else 4, "example.com") is False


@pytest.mark.parametrize("address", ALLOWED)
def test_a_public_address_is_allowed(address: str) -> None:
    assert address_rules()(address, 6 if ":" in address else 4, "example.com") is True


def test_lists_are_exceptions_and_more_refusals() -> None:
    """Entries are addresses and networks; hosts are exact (process:SSRF-1, SSRF-2)."""
    rules = address_rules(["8.8.8.0/24"], ["10.0.0.5", "fd00::/8"], ["Intern.Example"])
    assert not rules("8.8.8.8", 4, "x")
    assert not rules("10.0.0.6", 4, "x")
    assert rules("10.0.0.5", 4, "x")
    assert rules("::ffff:10.0.0.5", 6, "x")
    assert not rules("64:ff9b::10.0.0.5", 6, "x")
    assert rules("fd00::1", 6, "x")
    assert rules("10.0.0.6", 4, "intern.example.")
    assert not rules("10.0.0.6", 4, "a.intern.example")


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "10.0.0.1/8", "host", ""])
def test_a_wrong_entry_is_an_error(entry: str) -> None:
    with pytest.raises(ConfigError, match="is not an address or a network"):
        address_rules([entry])


FORMS = """
http://127.0.0.1:{port}/ http://2130706433:{port}/ http://0177.0.0.1:{port}/ http://0x7f.1:{port}/
http://127.1:{port}/ http://127.0.0.1.:{port}/ http://0:{port}/ http://localhost:{port}/
http://LOCALHOST:{port}/ http://[::ffff:127.0.0.1]:{port}/ http://[::1]:{port}/
http://\uff11\uff12\uff17.0.0.1:{port}/ http://user@127.0.0.1:{port}/
""".split()


@pytest.mark.parametrize("form", FORMS)
async def test_no_form_of_a_host_reaches_a_refused_address(form: str) -> None:
    """The error names the address; no connection is made (process:SSRF-2)."""
    async with talking(lambda asked, writer: OK, check_address=address_rules()) as (client, server):
        with pytest.raises(IllegalAddressError, match="illegal address: GET http://") as caught:
            await client.request(form.format(port=server.port))
        assert server.connections == 0
    assert caught.value.address in ("127.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1")


async def test_every_redirect_is_checked() -> None:
    """An allowed host that redirects to a refused one is refused there."""

    def allow_local(address: str, family: int, hostname: str) -> bool:
        return hostname != "localhost"

    def respond(asked: Asked, writer: Any) -> bytes:
        port = asked.headers["host"].partition(":")[2]
        return redirect(f"http://localhost:{port}/secret")

    async with talking(respond, check_address=allow_local) as (client, server):
        with pytest.raises(IllegalAddressError, match="of localhost"):
            await client.request(server.url)
    assert [asked.target for asked in server.requests] == ["/"]


async def test_a_function_decides() -> None:
    """The function gets address, family and host (process:SSRF-3)."""
    calls: list[tuple[str, int, str]] = []

    def check(address: str, family: int, hostname: str) -> bool:
        calls.append((address, family, hostname))
        return True

    async with talking(lambda asked, writer: OK, check_address=check) as (client, server):
        assert (await client.request(server.url)).status == 200
    assert calls == [("127.0.0.1", 4, "127.0.0.1")]


async def test_an_error_of_the_function_reaches_the_caller() -> None:
    def check(address: str, family: int, hostname: str) -> bool:
        raise KeyError(hostname)

    async with talking(lambda asked, writer: OK, check_address=check) as (client, server):
        with pytest.raises(KeyError):
            await client.request(server.url)
    assert server.connections == 0


async def test_a_client_that_checks_uses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables cannot hide the target behind a proxy (known:KW-33)."""
    async with talking(lambda asked, writer: OK, check_address=address_rules()) as (client, proxy):
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        with pytest.raises(IllegalAddressError):
            await client.request("http://127.0.0.1:9/")
        with pytest.raises(ArgumentError, match="proxy cannot be combined"):
            await client.request("http://example.com", proxy=proxy.url)
        with pytest.raises(ArgumentError, match="socket_path cannot be combined"):
            await client.request("http://example.com", socket_path="/run/docker.sock")
    assert proxy.connections == 0


REBINDING = """
import asyncio, sys
from eggd.httpclient.addresses import address_rules
from eggd.httpclient.client import HttpClient
from eggd.httpclient.errors import HttpClientError
from tests.httpclient.test_addresses import resolver
from tests.httpclient.server import response, serving

async def main():
    answers = sys.argv[1].split(",")
    allowed = sys.argv[2].split(",")
    async with serving(lambda asked, writer: response("ok"), host="0.0.0.0") as server:
        with resolver(answers) as queries:
            client = HttpClient(check_address=address_rules(allowed=allowed))
            try:
                answer = await client.request(f"http://evil.test:{server.port}/")
                print(answer.status, answer.res.remote_address, end=" ")
            except HttpClientError as exc:
                print(type(exc).__name__, getattr(exc, "address", ""), end=" ")
            print(len(queries), server.connections)
            await client.close()

asyncio.run(main())
"""


class resolver:  # noqa: N801  # a function in use
    """Answers A queries on 127.0.0.1:53, each by the next of the addresses; the last one stays."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses
        self.queries: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def __enter__(self) -> list[str]:
        self._socket.bind(("127.0.0.1", 53))
        self._socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._answer)
        return self.queries

    def __exit__(self, *exc: object) -> None:
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def _answer(self) -> None:
        query, client = self._socket.recvfrom(512)
        end = query.index(b"\0", 12) + 5
        answer = query[:2] + b"\x81\x80" + query[4:6] + b"\0\0\0\0\0\0"
        if query[end - 4 : end - 2] == b"\0\1":  # type A
            address = self._addresses[min(len(self.queries), len(self._addresses) - 1)]
            self.queries.append(address)
            answer = answer[:6] + b"\0\1" + answer[8:]
            record = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(address)
            self._socket.sendto(answer + query[12:end] + record, client)
        else:
            self._socket.sendto(answer + query[12:end], client)


REBOUND = [
    # The first answer is allowed. The second one would not be, but is never asked for.
    ("127.0.0.2,127.0.0.1", "127.0.0.2", "200 127.0.0.2 1 1"),
    # The first answer is refused, and no second one is asked for.
    ("127.0.0.1,127.0.0.2", "127.0.0.2", "IllegalAddressError 127.0.0.1 1 0"),
    ("169.254.169.254", "127.0.0.2", "IllegalAddressError 169.254.169.254 1 0"),
]


@pytest.mark.parametrize(("answers", "allowed", "expected"), REBOUND)
def test_the_address_that_is_checked_is_connected_to(
    tmp_path: Path, answers: str, allowed: str, expected: str
) -> None:
    """A resolver that answers differently the second time changes nothing (process:SSRF-4)."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:5\n")
    (tmp_path / "nsswitch.conf").write_text("hosts: dns\n")
    (tmp_path / "code.py").write_text(REBINDING)
    script = """
        ip link set lo up
        for name in resolv nsswitch; do mount --bind $1/$name.conf /etc/$name.conf; done
        shift; exec "$@"
        """
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    done = subprocess.run(
        [
            *("unshare", *user, "--net", "--mount", "sh", "-ec", script, "sh", str(tmp_path)),
            *(sys.executable, str(tmp_path / "code.py"), answers, allowed),
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == expected, done.stderr
