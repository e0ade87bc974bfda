"""Files of the plugin static that nginx sends (`static.accel`), by the page docs/nginx.md."""

from __future__ import annotations

import gzip
import os
import socket
import threading
from email.message import Message
from pathlib import Path

import pytest

from tests.cli.supervised import Here
from tests.interop.recipes import HOST, TIMEOUT, Client, Proxy
from tests.interop.test_nginx import SOCKET, client, nginx, program, shop

__all__ = ["client", "program", "shop"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("nginx")]

CONTENT = os.urandom(1 << 16) * 40
OLD = 1_700_000_000
TAG = f'"{OLD:x}-{len(CONTENT):x}"'
NAMES = ["big.bin", "a b?%41.bin", "sub/ü.bin", "link.bin"]


@pytest.fixture(scope="module")
def public(shop: Here) -> Path:
    """The folder, with files above `max_file`."""
    folder = shop.app / "app/public"
    (folder / "sub").mkdir(exist_ok=True)
    for name in NAMES[:3]:
        (folder / name).write_bytes(CONTENT)
    (folder / "link.bin").symlink_to("sub/ü.bin")
    (folder / "out.bin").symlink_to("/etc/passwd")
    (folder / "big.txt").write_bytes(CONTENT)
    (folder / "big.txt.gz").write_bytes(gzip.compress(CONTENT[: 1 << 21], 0))
    for file in folder.rglob("*"):
        os.utime(file, (OLD, OLD), follow_symlinks=False)
    return folder


def ask(
    client: Client, path: str, method: str = "GET", **headers: str
) -> tuple[int, Message, bytes]:
    """Returns status, fields and content of a response."""
    connection = client.connection()
    fields = {"Host": HOST, **{key.replace("__", "-"): each for key, each in headers.items()}}
    connection.request(method, path, None, fields)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def ask_worker(shop: Here, path: str, *lines: str) -> bytes:
    """Returns the bytes that the worker itself answers."""
    head = "".join(f"{line}\r\n" for line in lines)
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{head}\r\n"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect(f"{shop.home}/{SOCKET}")
        sock.sendall(request.encode())
        with sock.makefile("rb") as stream:
            return stream.read()


@pytest.mark.parametrize(
    "path", ["big.bin", "a%20b%3F%2541.bin", "sub/%C3%BC.bin", "link.bin"], ids=NAMES
)
def test_a_large_file_comes_from_nginx(client: Client, public: Path, path: str) -> None:
    """With the fields that the app sets, each once, and the ETag of both."""
    status, fields, content = ask(client, f"/public/{path}")
    assert (status, content == CONTENT) == (200, True)
    expected = {
        "ETag": TAG,
        "Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT",
        "Accept-Ranges": "bytes",
        "Cache-Control": "public, max-age=31536000",
        "Content-Type": "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
    }
    assert {name: fields.get_all(name) for name in expected} == {
        name: [value] for name, value in expected.items()
    }
    assert (fields["X-Accel-Redirect"], fields["Content-Encoding"]) == (None, None)


def test_the_worker_decides_and_nginx_sends(shop: Here, client: Client, public: Path) -> None:
    """The worker answers conditions that hold or fail; nginx answers ranges, also several."""
    for line, status in {"If-None-Match": 304, "If-Match": 200, "If-Range": 200}.items():
        assert ask(client, "/public/big.bin", **{line: TAG})[0] == status
    assert ask(client, "/public/big.bin", If__Match='"other"')[0] == 412
    seen = ask_worker(shop, "/public/big.bin", "X-Forwarded-For: 1.2.3.4", f"If-None-Match: {TAG}")
    assert seen.startswith(b"HTTP/1.1 304 ")
    seen = ask_worker(shop, "/public/big.bin", "X-Forwarded-For: 1.2.3.4", "Range: bytes=0-1")
    assert seen.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nX-Accel-Redirect: /internal/public/big.bin\r\n" in seen
    assert seen.endswith(b"\r\n\r\n")
    for more in ({}, {"If__Range": TAG}):
        status, fields, content = ask(client, "/public/big.bin", Range="bytes=2-5", **more)
        assert (status, content) == (206, CONTENT[2:6])
    assert ask(client, "/public/big.bin", Range="bytes=2-5", If__Range='"other"')[0] == 200
    status, fields, content = ask(client, "/public/big.bin", Range="bytes=0-1,5-6")
    assert (status, fields.get_content_type()) == (206, "multipart/byteranges")
    status, fields, content = ask(client, "/public/big.bin", "HEAD")
    assert (status, fields["Content-Length"], content) == (200, str(len(CONTENT)), b"")


@pytest.mark.parametrize("accept", ["", "gzip"])
def test_a_file_that_is_replaced_all_the_time(client: Client, public: Path, accept: str) -> None:
    """The worker sends the file that it has opened if another one has taken its name since."""
    done = threading.Event()

    def replace() -> None:
        while not done.is_set():
            for name in ("big.txt", "big.txt.gz"):
                (public / "next").write_bytes((public / name).read_bytes())
                os.utime(public / "next", (OLD, OLD))
                (public / "next").rename(public / name)

    thread = threading.Thread(target=replace)
    thread.start()
    try:
        seen = [ask(client, "/public/big.txt", Accept__Encoding=accept) for _ in range(100)]
    finally:
        done.set()
        thread.join()
    packed = (public / "big.txt.gz").read_bytes()
    whole = {None: CONTENT, "gzip": packed}
    assert {status for status, _, _ in seen} == {200}
    assert all(content == whole[fields["Content-Encoding"]] for _, fields, content in seen)


def test_a_compressed_file_comes_from_nginx(client: Client, public: Path) -> None:
    status, fields, content = ask(client, "/public/big.txt", Accept__Encoding="gzip")
    assert (status, fields["Content-Encoding"]) == (200, "gzip")
    assert "Accept-Encoding" in fields["Vary"]
    assert content == (public / "big.txt.gz").read_bytes()
    assert fields["Content-Type"] == "text/plain; charset=utf-8"
    assert ask(client, "/public/big.txt")[2] == CONTENT


def test_the_worker_sends_small_files_and_those_of_clients_without_nginx(
    shop: Here, client: Client, public: Path
) -> None:
    assert ask(client, "/public/app.css")[2] == (public / "app.css").read_bytes()
    assert ask_worker(shop, "/public/big.bin").endswith(b"\r\n\r\n" + CONTENT)


@pytest.mark.parametrize(
    "path",
    [
        "/internal/public/big.bin",
        "/internal/",
        "/public/out.bin",
        "/public/..%2f..%2frouter.py",
        "/internal/public/../../router.py",
    ],
)
def test_no_other_file_is_sent(client: Client, public: Path, path: str) -> None:
    """Nor is the location open to clients (known:KW-61, KW-62)."""
    assert ask(client, path)[0] in (400, 404)


def test_nginx_sends_every_field_of_the_worker(shop: Here, client: Client, public: Path) -> None:
    """Plugins add fields to all responses, and to responses to another origin."""
    request = {"Origin": "https://a.example", "Accept-Encoding": "gzip"}
    lines = [f"{name}: {value}" for name, value in request.items()]
    answer = ask_worker(shop, "/public/big.txt", "X-Forwarded-For: 1.2.3.4", *lines)
    fields = [line.split(b": ", 1) for line in answer.splitlines()[1:] if line]
    expected = {name.decode(): value.decode() for name, value in fields}
    assert expected.pop("X-Accel-Redirect") == "/internal/public/big.txt.gz"
    for name in ("Content-Length", "Date", "Connection", "X-Readtime"):
        del expected[name]
    expected["Vary"] = "Accept-Encoding, Origin"
    seen = ask(client, "/public/big.txt", **request)[1]
    assert {name: seen.get_all(name) for name in expected} == {
        name: [value] for name, value in expected.items()
    }
    assert len(expected) >= 18


def test_a_location_inherits_no_field_of_its_server_block(
    shop: Here, program: Proxy, public: Path
) -> None:
    line = "add_header X-Team eggs;"
    with nginx(
        shop, program, "inherits", **{"client_max_body_size": f"{line} client_max_body_size"}
    ) as other:
        seen = [ask(other, path)[1]["X-Team"] for path in ("/", "/public/big.bin")]
    assert seen == ["eggs", None]
