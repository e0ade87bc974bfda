"""Cookies over real sockets: what clients see, what is logged, and what hostile ones can cause."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.wire.cookie_cipher import CookieCipher
from eggd.wire.keygrip import Keygrip
from tests.app.serving import Client, served

KEY = "a-hidden-key-of-this-test"
FILES = {
    "config/config_default.py": f"keys = {KEY!r}\n",
    "app.py": """
        from eggd import Boot

        class App(Boot):
            def did_load(self):
                self.app.exceeded = []
                self.app.on("cookie_limit_exceed", self.note)

            def note(self, name, value, ctx):
                self.app.exceeded.append(f"{name} {len(value)} {ctx.path}")
        """,
    "app/router.py": """
        def router(app):
            def long(ctx):
                ctx.cookies.set("foo", "x" * int(ctx.query["size"]), signed=False)
                ctx.body = app.exceeded
            app.router.get("/long", long)

            def fail(ctx):
                ctx.cookies.set("a", "1", signed=False)
                if "status" in ctx.query:
                    ctx.throw(int(ctx.query["status"]))
                raise ValueError("a mistake")
            app.router.get("/fail", fail)

            async def late(ctx):
                async def body():
                    yield "first"
                    ctx.cookies.set("late", "hidden-value")
                    yield "second"
                ctx.body = body()
            app.router.get("/late", late)

            def read(ctx):
                cookies = ctx.cookies
                ctx.body = [cookies.get("a"), cookies.get("b", encrypt=True),
                            cookies.get("c", signed=False)]
            app.router.get("/read", read)

            def leak(ctx):
                ctx.logger.warning("the keys are %s", app.config.keys)
                raise ValueError(f"key {app.keys[0]} is wrong")
            app.router.get("/leak", leak)
        """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("cookies") / "app", FILES) as client:
        yield client


def logged(client: Client) -> str:
    """Returns the lines of all log files."""
    return "".join(file.read_text() for file in client.log_dir.glob("*.log"))


def errors(client: Client) -> str:
    """Returns what the app logged about requests."""
    return "".join(line for line in logged(client).splitlines(True) if "INFO" not in line)


@pytest.mark.parametrize(
    ("query", "status"), [("", 500), ("?status=403", 403), ("?status=502", 502)]
)
def test_an_error_answer_has_the_cookies(client: Client, query: str, status: int) -> None:
    """Fields that do not describe the body survive an error, so do cookies (core:ERR-1)."""
    answer = client.get(f"/fail{query}")
    assert answer.status == status
    assert answer.headers.get_all("Set-Cookie") == ["a=1; path=/; httponly"]


def test_a_long_value_is_reported(client: Client) -> None:
    """The cookie is sent; an event and an error name it (core:CK-12, process:CKE-9)."""
    assert client.get("/long?size=4093").text == "[]"
    answer = client.get("/long?size=4094")
    assert answer.text == '["foo 4094 /long"]'
    assert len(answer.headers["Set-Cookie"]) > 4094
    line = "cookie 'foo': its length 4094 exceeds the limit 4093"
    assert line in (client.log_dir / "common-error.log").read_text()
    assert "xxxxx" not in logged(client)


def test_a_cookie_behind_the_head_is_a_warning(client: Client) -> None:
    """The response stays whole, and the log names the cookie, not its value."""
    answer = client.get("/late")
    assert (answer.text, answer.headers["Set-Cookie"]) == ("firstsecond", None)
    assert "cookie 'late' is not set: the response has begun" in logged(client)
    assert "hidden-value" not in logged(client)


def raw(client: Client, request: bytes) -> bytes:
    """Returns all that the server answers to some bytes, until it closes."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=60) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_cookies_of_several_lines(client: Client) -> None:
    """A cookie of the second line is found, as an HTTP/2 front end sends it (known:KW-9)."""
    signature = Keygrip([KEY]).sign("a=1")
    lines = b"Cookie: c=3\r\nCookie: a=1; a.sig=%b\r\n" % signature.encode()
    answer = raw(client, b"GET /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%b\r\n" % lines)
    assert answer.endswith(b'["1",null,"3"]')


def test_damaged_encrypted_cookies_look_the_same(client: Client) -> None:
    """Status, fields and log are the same for each kind of damage (known:KW-8)."""
    value = CookieCipher([KEY]).encrypt("x" * 40)
    before = errors(client)
    seen = set()
    for each in (value[:-1], value[:-4], "*", value[4:], value[:-4] + "AAA="):
        answer = client.get("/read", Cookie=f"b={each}")
        fields = sorted(name for name, _ in answer.headers.items())
        seen.add((answer.status, answer.text, str(fields)))
    assert len(seen) == 1
    assert errors(client) == before


def mutated(number: int, chance: random.Random) -> bytes:
    """Returns a Cookie field with a few mistakes."""
    good = f"a=1; a.sig={Keygrip([KEY]).sign('a=1')}; b={CookieCipher([KEY]).encrypt('x')}; c=3"
    field = bytearray(good.encode())
    allowed = [9, *range(32, 127), *range(128, 256)]
    for _ in range(1 + number % 8):
        place = chance.randrange(len(field) + 1)
        match chance.randrange(4):
            case 0:
                field[place:place] = bytes(chance.choices(allowed, k=chance.choice((1, 3, 40))))
            case 1:
                del field[place : place + chance.choice((1, 2, 30))]
            case 2:
                field[place : place + 1] = bytes([chance.choice(allowed)])
            case _:
                field[place:place] = chance.choice((b";", b"=", b'"', b"a=", b"b=e1.", b".sig")) * 9
    return bytes(field)


@pytest.mark.slow
def test_mutated_cookies(client: Client) -> None:
    """20,000 damaged Cookie fields are answered with 200, and nothing is logged."""
    chance = random.Random(21)
    before = errors(client)
    for batch in range(0, 20_000, 500):
        fields = [mutated(batch + number, chance) for number in range(500)]
        head = b"GET /read HTTP/1.1\r\nHost: a\r\nCookie: %b\r\n\r\n"
        last = b"GET /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        answer = raw(client, b"".join([*(head % field for field in fields), last]))
        assert answer.count(b"HTTP/1.1 200 OK\r\n") == 501
    assert errors(client) == before


def test_without_keys_a_signed_cookie_is_an_error_with_its_cure(tmp_path: Path) -> None:
    """The app starts; the first signed cookie fails, in one line of the log (core:CK-15)."""
    router = """
        def router(app):
            app.router.get("/plain", lambda ctx: ctx.cookies.get("a", signed=False))
            app.router.get("/signed", lambda ctx: ctx.cookies.get("a"))
        """
    with served(tmp_path / "app", {"app/router.py": router}) as client:
        assert client.get("/plain", Cookie="a=1").text == "1"
        assert client.get("/signed", Cookie="a=1").status == 500
        text = (client.log_dir / "common-error.log").read_text()
        assert "config.keys is not set, which signs and encrypts cookies (run 'eggd keys" in text
        assert "Traceback" not in text


def test_the_keys_are_nowhere(client: Client) -> None:
    """Neither logs nor error pages have them, not even of an app that logs them (core:DUMP-3)."""
    assert client.get("/leak").status == 500
    assert "the keys are ***" in logged(client)
    assert "key *** is wrong" in logged(client)
    assert KEY not in client.get("/leak").text + logged(client)
