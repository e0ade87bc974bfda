"""A client that is still uploading receives the status of an early answer, whether or not it
reads while it sends (RFC 9112 section 9.6)."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.app.serving import Client, served
from tests.polling import await_server, is_open
from tests.ports import free_port
from tests.program import Program

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
SIZE = 20_000_000

FILES = {
    "app/router.py": """
        import asyncio

        def deny(ctx):
            ctx.throw(401)

        async def late(ctx):
            await asyncio.sleep(0.05)
            ctx.throw(403)

        def fail(ctx):
            raise LookupError("a bug")

        def router(app):
            for handler in (deny, late, fail):
                app.router.post(f"/{handler.__name__}", handler)
        """,
}

NGINX = """
user root; daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1;
events {{}}
http {{
    access_log off; client_max_body_size 0; client_body_temp_path {folder}/a;
    proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d;
    scgi_temp_path {folder}/e;
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://127.0.0.1:{behind}; proxy_request_buffering {buffering}; }}
    }}
}}
"""

REQUESTS = """
import sys, requests
url, kind, size = sys.argv[1:]
print(requests.post(url, bytes(int(size)), headers={"Content-Type": kind}, timeout=60).status_code)
"""

ANSWERS = [
    # path, media type, status
    ("/deny", "application/octet-stream", 401),
    ("/late", "application/octet-stream", 403),
    ("/fail", "application/octet-stream", 500),
    ("/deny", "application/json", 413),
]


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("uploads") / "shop", FILES) as client:
        yield client


@pytest.fixture(scope="module", params=["on", "off"])
def nginx(
    request: pytest.FixtureRequest, upstream: Client, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The port of an nginx in front, with and without a buffer for the request."""
    folder = tmp_path_factory.mktemp("nginx")
    port = free_port()
    config = folder / "nginx.conf"
    values = {"folder": folder, "port": port, "behind": upstream.port, "buffering": request.param}
    config.write_text(NGINX.format(**values))
    process = Program[bytes](["/usr/sbin/nginx", "-c", config], stderr=subprocess.DEVNULL)
    try:
        await_server(process, lambda: is_open(port))
        yield port
    finally:
        process.terminate()
        process.wait()


def by_http_client(port: int, path: str, kind: str) -> int:
    """Sends everything, then read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, bytes(SIZE), {"Content-Type": kind})
    status = connection.getresponse().status
    connection.close()
    return status


def by_requests(port: int, path: str, kind: str) -> int:
    url = f"http://127.0.0.1:{port}{path}"
    return int(printed(sys.executable, "-c", REQUESTS, url, kind, str(SIZE)))


def by_node(port: int, path: str, kind: str) -> int:
    url = f"http://127.0.0.1:{port}{path}"
    return int(printed("node", HERE / "uploads.mjs", url, kind, str(SIZE)))


def by_curl(port: int, path: str, kind: str) -> int:
    """Uploads with curl, which sends Expect: 100-continue."""
    return curl(port, path, kind, "Expect: 100-continue")


def by_curl_at_once(port: int, path: str, kind: str) -> int:
    return curl(port, path, kind, "Expect:")


def curl(port: int, path: str, kind: str, expect: str) -> int:
    url = f"http://127.0.0.1:{port}{path}"
    fields = ("-H", f"Content-Type: {kind}", "-H", expect)
    sent = subprocess.run(
        [
            "curl",
            "-sS",
            "-w",
            "%{http_code}",
            "-o",
            "/dev/null",
            *fields,
            "--data-binary",
            "@-",
            url,
        ],
        input=bytes(SIZE),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (sent.returncode, sent.stderr) == (0, b"")
    return int(sent.stdout)


CLIENTS = [by_http_client, by_requests, by_node, by_curl, by_curl_at_once]


@pytest.mark.parametrize(("path", "kind", "status"), ANSWERS)
@pytest.mark.parametrize("ask", CLIENTS)
def test_an_uploading_client_sees_the_status(
    upstream: Client, ask: Callable[[int, str, str], int], path: str, kind: str, status: int
) -> None:
    assert ask(upstream.port, path, kind) == status


@pytest.mark.parametrize(("path", "kind", "status"), ANSWERS)
def test_nginx_sees_the_status(nginx: int, path: str, kind: str, status: int) -> None:
    assert by_http_client(nginx, path, kind) == status


def printed(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
