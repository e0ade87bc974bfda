"""Large files: constant memory, other requests meanwhile, and what other programs do with them."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import LOOPS, Client, Loop
from tests.plugins.static.site import get_raw, site, write

SIZE = 64 << 20
CURL = shutil.which("curl")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("transfer")
    block = bytes(range(256)) * 4096
    write(folder / "shop/app/public", {"large.bin": block * (SIZE // len(block)), "a.css": b"a{}"})
    return folder


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[Client]:
    with site(root, {}) as made:
        yield made


def resident() -> int:
    """Returns the bytes of memory that this process, in which the server runs, has now."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("loop", LOOPS)
def test_a_large_file_arrives_whole(root: Path, tmp_path: Path, loop: Loop) -> None:
    """The next request on the connection is answered, too."""
    public = tmp_path / "shop/app/public"
    public.mkdir(parents=True)
    (public / "large.bin").hardlink_to(root / "shop/app/public/large.bin")
    with site(tmp_path, {}, loop=loop) as client:
        answer = get_raw(client, b"/public/large.bin")
        body = answer.partition(b"\r\n\r\n")[2]
        expected = hashlib.sha1((public / "large.bin").read_bytes()).digest()
        assert (len(body), hashlib.sha1(body).digest()) == (SIZE, expected)
        part = get_raw(client, b"/public/large.bin", b"Range: bytes=1000-1000999,5000000-5999999")
        assert len(part.partition(b"\r\n\r\n")[2]) > 2_000_000
        assert client.ask("HEAD", "/public/large.bin").headers["Content-Length"] == str(SIZE)


def test_slow_clients_take_no_memory_and_no_time_of_others(client: Client) -> None:
    """A hundred clients that read nothing hold some memory of the kernel only."""
    request = b"GET /public/large.bin HTTP/1.1\r\nHost: a\r\n\r\n"
    before = resident()
    links = [socket.create_connection(("127.0.0.1", client.port), 10) for _ in range(100)]
    for link in links:
        link.sendall(request)
    for link in links:
        assert link.recv(15) == b"HTTP/1.1 200 OK"
    begun = time.perf_counter()
    assert client.get("/").text == "home"
    assert time.perf_counter() - begun < 5
    assert client.get("/public/a.css").body == b"a{}"
    grown = resident() - before
    for link in links:
        link.close()
    assert grown < 32 << 20


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_curl_resumes_and_asks_for_ranges(client: Client, root: Path, tmp_path: Path) -> None:
    """A download that was interrupted goes on where it ended; a complete one is not repeated."""
    url, file = f"http://127.0.0.1:{client.port}/public/large.bin", tmp_path / "copy"
    whole = (root / "shop/app/public/large.bin").read_bytes()
    file.write_bytes(whole[:1_000_001])
    curl("-C", "-", "-o", str(file), url)
    assert file.read_bytes() == whole
    assert curl("-r", "0-3", "-s", url) == whole[:4]
    assert curl("-r", "-4", "-s", url) == whole[-4:]
    parts = curl("-r", "0-3,8-9", "-s", url)
    assert b"Content-Range: bytes 8-9/67108864\r\n\r\n\x08\t\r\n" in parts
    tag, etags = tmp_path / "tag", f"http://127.0.0.1:{client.port}/public/a.css"
    assert curl("--etag-save", str(tag), "-s", etags) == b"a{}"
    code = curl("--etag-compare", str(tag), "-s", "-o", "/dev/null", "-w", "%{http_code}", etags)
    assert code == b"304"


def curl(*arguments: str) -> bytes:
    """Runs curl, and returns its output."""
    done = subprocess.run([CURL or "curl", "-f", *arguments], capture_output=True, check=True)
    return done.stdout
