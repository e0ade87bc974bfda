"""Real senders of PROXY headers in front of a server: nginx's stream, HAProxy, curl."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.http.certificates import Pair
from tests.http.fake import until
from tests.http.test_greeting import behind
from tests.ports import free_port

PAGE = Path(__file__).parents[2] / "docs/proxies.md"

NGINX = """
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
user root; daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1;
events {{}}
"""
HAPROXY = """
defaults
    mode tcp
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend in
    bind 127.0.0.1:{front} {bind}
    default_backend out
backend out
    server eggd 127.0.0.1:{port} {options}
"""


def nginx_of_the_page() -> str:
    """Returns the example for nginx's `stream` in docs/proxies.md."""
    found = re.search(r"^    stream \{.*?^    \}$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[0]


@asynccontextmanager
async def running(port: int, *command: object) -> AsyncIterator[None]:
    """Runs a sender until the end of the block; it listens on `port` when the block begins."""
    process = await asyncio.create_subprocess_exec(*map(str, command))
    try:
        await until(lambda: _listens(port))
        yield
    finally:
        process.terminate()
        await process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


async def curl(*options: object) -> bytes:
    process = await asyncio.create_subprocess_exec(
        "curl", "-sS", "-m5", "-w", " %{local_port}", *map(str, options), stdout=-1
    )
    return (await process.communicate())[0]


async def test_nginx(tmp_path: Path) -> None:
    async with behind() as it:
        front = free_port()
        text = NGINX.format(folder=tmp_path) + nginx_of_the_page()
        text = text.replace("443", f"127.0.0.1:{front}").replace(
            "10.0.0.5:7001", f"127.0.0.1:{it.port}"
        )
        (tmp_path / "nginx.conf").write_text(text)
        async with running(front, "/usr/sbin/nginx", "-c", tmp_path / "nginx.conf"):
            seen = await curl(f"http://127.0.0.1:{front}/")
            *shown, client = seen.split()
            assert shown == [b"http", b"127.0.0.1", client]


@pytest.mark.parametrize(
    ("options", "tls"),
    [
        ("send-proxy", False),
        ("send-proxy-v2", False),
        ("send-proxy-v2 proxy-v2-options crc32c,unique-id", False),
        ("send-proxy-v2-ssl", True),
        ("send-proxy-v2-ssl-cn", True),
    ],
)  # fmt: skip
async def test_haproxy(tmp_path: Path, pair: Pair, options: str, tls: bool) -> None:
    """The proxy ends TLS, and says so in version 2."""
    (tmp_path / "both.pem").write_bytes(pair.cert.read_bytes() + pair.key.read_bytes())
    bind = f"ssl crt {tmp_path}/both.pem" if tls else ""
    async with behind() as it:
        front = free_port()
        text = HAPROXY.format(front=front, port=it.port, options=options, bind=bind)
        (tmp_path / "haproxy.cfg").write_text(text)
        async with running(front, "/usr/sbin/haproxy", "-f", tmp_path / "haproxy.cfg"):
            scheme = "https" if tls else "http"
            seen = await curl("-k", f"{scheme}://127.0.0.1:{front}/")
            *shown, client = seen.split()
            assert shown == [scheme.encode(), b"127.0.0.1", client]
            assert [line for line in it.log if "PROXY" in line[1]] == []


@pytest.mark.parametrize("options", ["send-proxy", "send-proxy-v2"])
async def test_health_checks_of_haproxy(tmp_path: Path, options: str) -> None:
    """HAProxy sends LOCAL or UNKNOWN, and closes without a request."""
    async with behind() as it:
        front = free_port()
        options += " check inter 20ms check-send-proxy"
        text = HAPROXY.format(front=front, port=it.port, options=options, bind="")
        (tmp_path / "haproxy.cfg").write_text(text)
        async with running(front, "/usr/sbin/haproxy", "-f", tmp_path / "haproxy.cfg"):
            for _ in range(3):
                await until(lambda: it.server.stats.connections == 0)
                assert (await curl(f"http://127.0.0.1:{front}/")).startswith(b"http 127.0.0.1 ")
        assert it.log == []


async def test_curl(pair: Pair) -> None:
    async with behind() as it:
        seen = await curl("--haproxy-protocol", f"http://127.0.0.1:{it.port}/")
        assert seen.split()[2:] == [seen.split()[2]] * 2
    async with behind(tls=pair) as it:
        seen = await curl("-k", "--haproxy-protocol", f"https://127.0.0.1:{it.port}/")
        assert seen.startswith(b"https 127.0.0.1 ")
