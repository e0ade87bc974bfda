"""Malformed and hostile uploads over raw sockets: never a 500, never a file that is left."""

from __future__ import annotations

import random
import re
import socket
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.plugins.uploads.forms import BOUNDARY, Site, field, file, form, part, site

TYPE = b"multipart/form-data; boundary=" + BOUNDARY
ROUTER = """
    async def save(ctx):
        files = await ctx.save_request_files()
        await ctx.cleanup_request_files()
        return len(files)

    async def stream(ctx):
        return [len(await part.read()) if part.is_file else part.value
                async for part in ctx.multipart()]

    def router(app):
        app.get("/", lambda ctx: "alive")
        app.post("/save", save)
        app.post("/stream", stream)
"""
REFUSED = (400, 411, 413, 415, 431)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    options = "'file_size': '64kb', 'field_size': '8kb'"
    config = "http = {'body_timeout': 1, 'linger_timeout': 0.1}"
    root = tmp_path_factory.mktemp("hostile")
    with site(root, options, router=ROUTER, config=config) as running:
        yield running


def send(shop: Site, path: str, kind: bytes, body: bytes, *, ends: bool = False) -> int:
    """Returns the status of the answer to raw bytes, 0 without one.

    With `ends` the client closes its sending side before the declared end of the body.
    """
    length = len(body) + (1000 if ends else 0)
    head = b"POST %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" % path.encode()
    head += b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n" % (kind, length)
    answer = b""
    with socket.create_connection(("127.0.0.1", shop.client.port), timeout=30) as raw:
        try:
            raw.sendall(head + body)
            if ends:
                raw.shutdown(socket.SHUT_WR)
            while data := raw.recv(65536):
                answer += data
        except ConnectionError:
            pass
    match = re.match(rb"HTTP/1\.1 (\d+) ", answer)
    return int(match[1]) if match else 0


def check(shop: Site) -> None:
    """Asserts that no file is left, no error was logged, and the worker serves on."""
    assert shop.client.get("/").text == "alive"
    while shop.files():  # of a client that has disconnected
        pass
    for log in shop.client.log_dir.glob("*.log"):
        text = log.read_text()
        assert "Traceback" not in text
        assert " ERROR " not in text


def raw_part(lines: bytes, content: bytes = b"x") -> bytes:
    return b"--%b\r\n%b\r\n\r\n%b\r\n" % (BOUNDARY, lines, content)


DISPOSITION = b"Content-Disposition: form-data; name=f; filename=a.png"
BODIES: list[tuple[str, bytes, bytes, int]] = [
    # what, media type, body, status
    ("nothing", TYPE, b"", 400),
    ("the end only", TYPE, b"--%b--" % BOUNDARY, 200),
    ("a boundary only", TYPE, b"--%b\r\n" % BOUNDARY, 400),
    ("another boundary", TYPE, form(file()).replace(BOUNDARY, b"other"), 400),
    ("no boundary", b"multipart/form-data", form(file()), 400),
    ("an empty boundary", b"multipart/form-data; boundary=", form(file()), 400),
    ("a long boundary", b"multipart/form-data; boundary=" + b"x" * 71, b"", 400),
    ("two boundaries", TYPE + b"; boundary=x", form(file()), 400),
    ("no end", TYPE, form(file())[:-8], 400),
    ("no end of header lines", TYPE, b"--%b\r\n%b\r\n" % (BOUNDARY, DISPOSITION), 400),
    ("line feeds only", TYPE, form(file()).replace(b"\r\n", b"\n"), 400),
    ("no colon", TYPE, form(raw_part(b"Content-Disposition form-data")), 400),
    ("a leading blank", TYPE, form(raw_part(b" " + DISPOSITION)), 400),
    ("a folded line", TYPE, form(raw_part(DISPOSITION + b";\r\n x=y")), 400),
    ("a NUL", TYPE, form(raw_part(DISPOSITION + b"\0")), 400),
    ("a line feed in a line", TYPE, form(raw_part(DISPOSITION + b"\nX: y")), 400),
    ("the same line twice", TYPE, form(raw_part(DISPOSITION + b"\r\n" + DISPOSITION)), 400),
    ("two names", TYPE, form(raw_part(DISPOSITION + b"; name=g")), 400),
    ("an open quote", TYPE, form(raw_part(DISPOSITION + b'; x="')), 400),
    ("no disposition", TYPE, form(raw_part(b"X: y")), 200),
    ("an empty name", TYPE, form(file(name="")), 200),
    ("10,000 header lines", TYPE, form(raw_part(b"X: y\r\n" * 10_000 + DISPOSITION)), 431),
    ("a header line of 1 MB", TYPE, form(raw_part(b"X: " + b"y" * 1_000_000)), 431),
    ("a name of 10,000 bytes", TYPE, form(field("a" * 7000)), 413),
    ("10,000 parts", TYPE, form(*[part("x", b"")] * 10_000), 413),
    ("1000 files", TYPE, form(*[file()] * 1000), 413),
    ("a large field", TYPE, form(field("a", "x" * 100_000)), 413),
    ("a large file", TYPE, form(file(content=b"x" * 100_000)), 413),
    ("a path", TYPE, form(file(filename="../../../../tmp/a.png")), 200),
    ("an absolute path", TYPE, form(file(filename="/etc/cron.d/a.png")), 200),
    ("dots", TYPE, form(file(filename="..")), 400),
    ("a NUL in a name", TYPE, form(file(filename="a.exe%00.png")), 200),
    ("a stream of NTFS", TYPE, form(file(filename="a.exe:.png")), 400),
    ("a program", TYPE, form(file(filename="a.png.exe")), 400),
    ("1 MB before the first boundary", TYPE, b"x" * 1_000_000 + form(file()), 400),
    ("1 MB after the last boundary", TYPE, form(file()) + b"x" * 1_000_000, 200),
    ("an unknown charset", TYPE, form(part('form-data; name="a"', b"x", "a/b; charset=hex")), 200),
    ("a bad extended name", TYPE, form(raw_part(DISPOSITION + b"; filename*=x'%ff")), 200),
]


@pytest.mark.parametrize("path", ["/save", "/stream"])
@pytest.mark.parametrize(("what", "kind", "body", "status"), BODIES, ids=[b[0] for b in BODIES])
def test_malformed(shop: Site, path: str, what: str, kind: bytes, body: bytes, status: int) -> None:
    """Each kind of malformed body has its status (known:KW-49..54)."""
    assert send(shop, path, kind, body) == status
    check(shop)


PIECES = [
    b"\r\n",
    b"\r",
    b"\n",
    b"--",
    BOUNDARY,
    b"\r\n--" + BOUNDARY,
    b'"',
    b";",
    b":",
    b"=",
    b"\0",
]
PIECES += [
    b"\xff",
    b" ",
    b"\r\n\r\n",
    b"filename=",
    b"Content-Disposition: form-data",
    b"%00",
    b"'",
]


def mutated(dice: random.Random, body: bytes) -> bytes:
    """Returns a body with some bytes changed, removed, repeated or inserted."""
    data = bytearray(body)
    for _ in range(dice.randrange(1, 5)):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.randrange(1, 40))
        kind = dice.randrange(5)
        if kind == 0:
            data[at:at] = dice.choice(PIECES)
        elif kind == 1:
            del data[at:end]
        elif kind == 2:
            data[at:at] = data[at:end] * dice.randrange(1, 4)
        elif kind == 3 and at < len(data):
            data[at] = dice.randrange(256)
        else:
            del data[at:]
        if not data:
            break
    return bytes(data)


def attack(shop: Site, requests: int, seed: int) -> Counter[int]:
    """Sends mutations; returns the number of answers by status."""
    dice, statuses = random.Random(seed), Counter[int]()
    bases = [
        form(field("a", "1"), file(content=b"x" * 3000), field("b", "2")),
        form(file("f", "ü.png", b"\r\n--" + BOUNDARY[:-1]), file("g", "b.js", b"")),
        form(*[field(f"a{number}") for number in range(9)], file(content=b"y" * 40_000)),
    ]
    for number in range(requests):
        body, kind = mutated(dice, dice.choice(bases)), TYPE
        if number % 7 == 0:
            kind = mutated(dice, TYPE).translate(None, b"\r\n\0")
        path = dice.choice(["/save", "/save", "/stream"])
        statuses[send(shop, path, kind, body, ends=dice.random() < 0.1)] += 1
    return statuses


def test_mutations(shop: Site) -> None:
    """400 of them; the long form is 10,000."""
    statuses = attack(shop, 400, 1)
    assert set(statuses) <= {200, *REFUSED}, statuses
    check(shop)


@pytest.mark.soak
def test_ten_thousand_mutations(shop: Site) -> None:
    """The folder is empty after them, no 500, no traceback."""
    statuses = attack(shop, 10_000, 2)
    print(statuses)
    assert set(statuses) <= {200, *REFUSED}, statuses
    check(shop)
