"""Files that are saved, and removed after every failure."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.uploads.forms import BOUNDARY, ROUTER, TYPE, Site, field, file, form, site

NAME = re.compile(r".*/saved/\d{4}/\d\d/\d\d/\d\d/[0-9a-f-]{36}\.png")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("save")) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Removes what a test has saved."""
    yield
    if "shop" in request.fixturenames:
        shop: Site = request.getfixturevalue("shop")
        for path in shop.files():
            path.unlink()


def test_files_are_saved(shop: Site) -> None:
    """In the order of the body, with all that is known of them (process:MP-30, MP-31, MP-34)."""
    content = b"\x89PNG\r\n\x1a\n" + b"x" * 600_000
    data = shop.json(
        "/save", field("a", "1"), file("f", "ü.PNG", content, "image/PNG"), file("g", "b.png", b"")
    )
    first, second = data["files"]
    assert data["fields"] == {"a": "1"}
    assert (first["field"], first["filename"], first["mime"]) == ("f", "ü.PNG", "image/png")
    assert (first["size"], first["detected"]) == (len(content), "image/png")
    assert first["sha256"] == hashlib.sha256(content).hexdigest()
    assert (second["size"], second["detected"]) == (0, "")
    assert NAME.fullmatch(first["path"])
    assert first["path"] != second["path"]
    assert Path(first["path"]).read_bytes() == content
    assert Path(first["path"]).stat().st_mode & 0o777 == 0o600
    assert len(shop.files()) == 2  # and no link to them


@pytest.mark.parametrize(
    "path", ["/save?status=401", "/save?status=422", "/save?raise=1", "/save?object=1"]
)
def test_an_error_removes_them(shop: Site, path: str) -> None:
    """A status of 400 or above, an exception, a body that cannot be written (known:KW-56)."""
    answer = shop.post(path, file(content=b"x" * 300_000), file("g"))
    assert answer.status in (401, 422, 500)
    assert shop.files() == []


@pytest.mark.parametrize(
    "parts",
    [
        (file(), file("g", content=b"x" * 11_000_000)),
        (file(), file("g", "a.exe")),
        (file(), *[field(f"a{number}") for number in range(11)]),
        (file(), b"--" + BOUNDARY + b"\r\nbad\r\n\r\n"),
    ],
)
def test_a_refused_upload_leaves_nothing(shop: Site, parts: tuple[bytes, ...]) -> None:
    """Complete files and the partial one are removed (process:MP-35)."""
    assert shop.post("/save", *parts).status in (400, 413)
    assert shop.files() == []


def test_another_request_keeps_its_file(shop: Site) -> None:
    """Each request has its own list (known:KW-56)."""
    kept = shop.json("/save", file(content=b"kept"))["files"][0]["path"]
    threads = [
        threading.Thread(target=shop.post, args=("/save?status=400", file())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(path) for path in shop.files()] == [kept]


@pytest.mark.parametrize("ending", ["fin", "reset"])
def test_a_client_that_disconnects_leaves_nothing(shop: Site, ending: str) -> None:
    """In the middle of a file; waits until the worker has answered or dropped it."""
    body = form(file(content=b"x" * 500_000))
    head = f"POST /save HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
    head += f"Content-Type: {TYPE['Content-Type']}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", shop.client.port), timeout=10) as raw:
        raw.sendall(head.encode() + body[:400_000])
        while not [
            path for path in shop.files() if path.suffix == ".png" and not path.is_symlink()
        ]:
            pass
        if ending == "fin":
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass
        else:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    while shop.files():
        pass


ACTIONS = """
    async def act(ctx):
        files = await ctx.save_request_files()
        if "some" in ctx.query:
            files[0].path.unlink()
            await ctx.cleanup_request_files([files[0]])
            return [file.path.exists() for file in files]
        await ctx.cleanup_request_files()
        return [file.path.exists() for file in files]

    async def stream(ctx):
        await ctx.save_request_files()
        async def pieces():
            yield b"a"
            raise LookupError("in the middle")
        return pieces()

    async def empty(ctx):
        await ctx.cleanup_request_files()
        return "empty"

    def router(app):
        app.post("/act", act)
        app.post("/stream", stream)
        app.post("/empty", empty)
"""


def test_files_can_be_removed(tmp_path: Path) -> None:
    """Some, or all; one that is missing is not an error (process:MP-35)."""
    with site(tmp_path, router=ACTIONS) as shop:
        assert shop.json("/act", file(), file("g")) == [False, False]
        assert shop.json("/act?some=1", file(), file("g")) == [False, True]
        assert shop.post("/empty").text == "empty"


def test_a_response_that_fails_in_its_middle_removes_them(tmp_path: Path) -> None:
    """An exception after the head was sent (known:KW-56)."""
    import http.client

    with site(tmp_path, router=ACTIONS) as shop:
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            shop.post("/stream", file())
        while shop.files():
            pass


@pytest.mark.parametrize(
    ("options", "path", "saved"),
    [
        ("'mode': 'file'", "/seen", True),
        ("'file_mode_match': '/seen'", "/seen", True),
        ("'file_mode_match': lambda ctx: ctx.path == '/seen'", "/seen", True),
        ("'file_mode_match': ['/other']", "/seen", False),
        ("", "/seen", False),
    ],
)
def test_file_mode(tmp_path: Path, options: str, path: str, saved: bool) -> None:
    """Saved before the handler: all requests, or those that match (process:MP-2, MP-30)."""
    with site(tmp_path, options) as shop:
        data = shop.json(path, field("a", "1"), file())
        expected: list[object] = [{"a": "1"}, ["a.png"]] if saved else [{}, None]
        assert [data["body"], data["files"]] == expected
        answer = shop.client.ask("POST", path, b'{"b": 2}', {"Content-Type": "application/json"})
        assert answer.text == '{"body":{"b":2},"files":null}'


@pytest.mark.parametrize(("arrays", "value"), [(False, "3"), (True, ["1", "2", "3"])])
def test_repeated_fields(tmp_path: Path, arrays: bool, value: object) -> None:
    """The last one wins, or a list of all (process:MP-32)."""
    with site(tmp_path, f"'allow_array_field': {arrays}") as shop:
        parts = field("a", "1"), field("a", "2"), field("b", "x"), field("a", "3")
        assert shop.json("/save", *parts)["fields"] == {"a": value, "b": "x"}


def test_a_full_disk(tmp_path: Path) -> None:
    """507, logged, and the partial file is removed (known:KW-59)."""
    hook = """
        from eggd import Boot
        class Site(Boot):
            async def did_load(self):
                import errno
                import eggd.plugins.multipart.saving as saving
                def write(*args):
                    raise OSError(errno.ENOSPC, "No space left on device")
                saving._write = write
    """
    from eggd.plugins.multipart import saving

    write = saving._write
    try:
        with site(tmp_path, files={"app.py": hook}, router=ROUTER) as shop:
            assert shop.post("/save", file(content=b"x" * 300_000)).status == 507
            assert shop.files() == []
            log = (shop.client.log_dir / "common-error.log").read_text()
            assert "an upload cannot be saved: No space left on device" in log
    finally:
        saving._write = write


def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    """A folder that others can write, and a link (process:MP-1)."""
    (tmp_path / "saved").mkdir(mode=0o777)
    (tmp_path / "saved").chmod(0o777)
    with site(tmp_path) as shop:
        assert shop.post("/save", file()).status == 500
        log = (shop.client.log_dir / "common-error.log").read_text()
        assert "is not a folder of this user alone" in log


TASKS = """
    import asyncio

    async def within(ctx):
        files = await asyncio.wait_for(ctx.save_request_files(), 30)
        await asyncio.sleep(0)
        return {"exists": files[0].path.exists()}

    async def background(ctx):
        files = await ctx.save_request_files()

        async def fail():
            ctx.app.failed = str(files[0].path)
            raise LookupError("after the answer")

        ctx.run_in_background(fail)
        return {"path": str(files[0].path)}

    def router(app):
        app.post("/within", within)
        app.post("/background", background)
        app.get("/failed", lambda ctx: getattr(ctx.app, "failed", ""))
"""


def test_files_that_another_task_saved_stay_for_the_handler(tmp_path: Path) -> None:
    """`asyncio.wait_for` makes a task of its own up to Python 3.11."""
    with site(tmp_path, router=TASKS) as shop:
        assert shop.json("/within", file()) == {"exists": True}


def test_a_background_task_that_fails_removes_no_files(tmp_path: Path) -> None:
    """Its request was answered with success."""
    with site(tmp_path, router=TASKS) as shop:
        path = shop.json("/background", file())["path"]
        while shop.client.get("/failed").text != path:
            pass
        assert Path(path).exists()
