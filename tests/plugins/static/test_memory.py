"""Files in memory, and when a change of a file is seen (core:ST-2, ST-3, known:KW-63)."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from eggd.plugins.static.memory import Memory
from eggd.plugins.static.roots import Root
from eggd.plugins.static.section import StaticConfig
from eggd.plugins.static.store import FileStore
from tests.plugins.static.site import FILES, OLD, site, write


def public(root: Path) -> Path:
    return root / "shop/app/public"


def test_a_change_is_seen_at_once_unless_files_are_kept(tmp_path: Path) -> None:
    # core:ST-2, ST-3
    for env, seen in {"unittest": b"new content", "prod": FILES["app.css"]}.items():
        root = tmp_path / env
        with site(root, env=env) as client:
            before = client.get("/public/app.css")
            write(public(root), {"app.css": b"new content"}, OLD + 60)
            after = client.get("/public/app.css")
            assert (after.status, after.body) == (200, seen)
            assert (after.headers["ETag"] == before.headers["ETag"]) is (env == "prod")


def test_a_file_that_is_added_later_is_served(tmp_path: Path) -> None:
    """Unless `dynamic` is false (core:ST-2)."""
    for dynamic, status in {True: 200, False: 404}.items():
        root = tmp_path / str(dynamic)
        with site(root, config=f"static = {{'dynamic': {dynamic}}}", env="prod") as client:
            assert client.get("/public/late.css").status == 404
            write(public(root), {"late.css": b"late"})
            assert client.get("/public/late.css").status == status
            assert client.get("/public/twenty.txt").body == FILES["twenty.txt"]


def test_preload_reads_all_files_at_the_start(tmp_path: Path) -> None:
    # core:ST-2
    with site(tmp_path, config="static = {'preload': True}", env="prod") as client:
        for name in FILES:
            (public(tmp_path) / name).unlink()
        for name, content in FILES.items():
            assert client.get(f"/public/{name}").body == content


@pytest.mark.parametrize(("files", "memory"), [(100, 1000), (2, 5000)])
def test_preload_stops_when_the_memory_is_full(tmp_path: Path, files: int, memory: int) -> None:
    """The first files stay in memory, and no later ones replace them (core:ST-2)."""
    write(tmp_path, {"0": b"x" * 5000, **{name: name.encode() * 400 for name in "abcd"}}, OLD)
    options = StaticConfig(buffer=True, max_file=1000, max_files=files, max_memory=memory)
    store = FileStore([Root(tmp_path)], options, print)
    store.preload()
    kept = [name for name in "0abcd" if store.kept(name.encode()) is not None]
    assert kept == ["a", "b"]


def test_a_file_that_has_just_been_written_is_not_kept(tmp_path: Path) -> None:
    """The file may not be complete: the next request reads it again."""
    with site(tmp_path, env="prod") as client:
        file = public(tmp_path) / "growing.txt"
        file.write_bytes(b"first")
        assert client.get("/public/growing.txt").body == b"first"
        file.write_bytes(b"first and second")
        assert client.get("/public/growing.txt").body == b"first and second"


def test_a_file_of_before_1970_is_served(tmp_path: Path) -> None:
    """A file without a time (archives set 0) has a date (known:KW-66)."""
    with site(tmp_path) as client:
        for moment in (0, -86400 * 365):
            os.utime(public(tmp_path) / "twenty.txt", (moment, moment))
            answer = client.get("/public/twenty.txt")
            assert answer.status == 200
            date = answer.headers["Last-Modified"]
            assert date == "Thu, 01 Jan 1970 00:00:00 GMT"
            again = client.get("/public/twenty.txt", **{"If-Modified-Since": date})
            assert again.status == 304


@pytest.mark.parametrize("change", ["shrink", "grow", "replace"])
def test_a_large_file_that_changes_while_it_is_sent(tmp_path: Path, change: str) -> None:
    """Never more than was promised; less ends the connection (known:KW-63)."""
    size = 16 << 20
    with site(tmp_path, {"large.bin": b"a" * size}) as client:
        file = public(tmp_path) / "large.bin"
        with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
            get = b"GET /public/large.bin HTTP/1.1\r\nHost: a\r\n"
            connection.sendall(
                b"%b\r\n%bConnection: close\r\nRange: bytes=0-0\r\n\r\n" % (get, get)
            )
            data = connection.recv(1000)
            if change == "shrink":
                os.truncate(file, 1000)
            elif change == "grow":
                os.truncate(file, size * 2)
            else:
                file.unlink()
                file.write_bytes(b"b" * size)
            received = bytearray(data)
            while more := connection.recv(1 << 20):
                received += more
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    assert f"Content-Length: {size}".encode() in head
    if change == "shrink":
        assert len(body) < size
    else:
        assert body[:size] == b"a" * size
        assert body[size:].startswith(b"HTTP/1.1 206 ")


def test_a_client_that_leaves_closes_the_file(tmp_path: Path) -> None:
    """No descriptor is left of a transfer that ends early."""
    with site(tmp_path, {"large.bin": b"a" * (32 << 20)}) as client:
        before = set(os.listdir("/proc/self/fd"))
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
                connection.sendall(b"GET /public/large.bin HTTP/1.1\r\nHost: a\r\n\r\n")
                assert connection.recv(1000)
        for _ in range(1000):
            if not opened(before):
                break
            assert client.get("/").text == "home"
        assert opened(before) == []


def opened(before: set[str]) -> list[str]:
    """Returns the paths of the files below a public folder that were opened since."""
    paths = []
    for number in set(os.listdir("/proc/self/fd")) - before:
        try:
            path = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        paths += [path] if "/public/" in path else []
    return paths


def test_memory_is_bounded_by_number_and_bytes() -> None:
    """The least recently used goes first (core:ST-2)."""
    memory: Memory[str] = Memory(3, 10)
    for name in "abc":
        memory.put(name, name, 2)
    assert memory.get("a") == "a"
    memory.put("d", "d", 2)
    assert [memory.get(name) for name in "abcd"] == ["a", None, "c", "d"]
    memory.put("e", "e", 9)
    assert ([memory.get(name) for name in "acde"], memory.size) == ([None, None, None, "e"], 9)
    memory.put("f", "f", 11)
    assert (memory.get("f"), memory.get("e"), len(memory)) == (None, "e", 1)
    memory.put("e", "e", 4)
    assert memory.size == 4


def test_files_above_the_limit_are_not_kept(tmp_path: Path) -> None:
    """Large files are read for each request (core:ST-2)."""
    with site(tmp_path, config="static = {'max_file': 10}", env="prod") as client:
        first = client.get("/public/twenty.txt")
        write(public(tmp_path), {"twenty.txt": b"changed and much longer"}, OLD + 60)
        second = client.get("/public/twenty.txt")
        assert (first.body, second.body) == (FILES["twenty.txt"], b"changed and much longer")
        assert first.headers["ETag"] != second.headers["ETag"]


def test_many_requests_for_a_file_read_it_once(tmp_path: Path) -> None:
    """A file that everybody asks for after a start is not in memory many times."""
    with site(tmp_path, {"a.bin": b"a" * 500_000}, env="prod") as client:
        request = b"GET /public/a.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        links = [socket.create_connection(("127.0.0.1", client.port), 10) for _ in range(20)]
        for link in links:
            link.sendall(request)
        assert [size_of(link) for link in links] == [500_000] * 20


def size_of(link: socket.socket) -> int:
    """Returns the bytes of the body that a connection receives to its end."""
    with link:
        data = b"".join(iter(lambda: link.recv(1 << 16), b""))
    return len(data.partition(b"\r\n\r\n")[2])


def test_an_empty_folder(tmp_path: Path) -> None:
    """An empty folder is served without an error."""
    (tmp_path / "shop/app/public").mkdir(parents=True)

    with site(tmp_path, {}) as client:
        assert client.get("/public/app.css").text == "hidden"
