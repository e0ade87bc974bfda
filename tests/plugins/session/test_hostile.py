"""Cookies of sessions as an attacker sends them: no error, and no session but what the app made.

Seeds are fixed, so a failure repeats.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from eggd.wire.cookie_cipher import BLOCK, CookieCipher
from tests.app.serving import Client, served
from tests.plugins.session.visitor import Visitor

ROUTER = """
    async def show(ctx):
        return ctx.session

    async def put(ctx):
        ctx.session.update(ctx.request.body)
        return "put"

    async def count(ctx):
        ctx.session["count"] = 1
        return ctx.session

    async def draft(ctx):
        ctx.cookies.set("draft", ctx.request.body["text"], signed=SIGNED, encrypt=ENCRYPT)
        return "kept"

    def router(app):
        app.get("/show", show)
        app.post("/put", put)
        app.get("/count", count)
        app.post("/draft", draft)
"""
MODES = {
    "plain": ('"encrypt": False, "signed": False', "egg"),
    "signed": ('"encrypt": False', "egg"),
    "egg": ('"encrypt": True', "egg"),
    "aead": ('"encrypt": True', "aead"),
    "store": ('"store": "sqlite", "encrypt": False, "signed": False', "egg"),
}
"""By name: the section `session`, and `cookies.encryption`."""
LONGEST = 4000
"""Characters of a value; four such cookies fit in the headers of a request."""
SAFE = ("signed", "aead", "store")
"""Modes in which only a value that the app made is a session."""


@contextmanager
def site(folder: Path, mode: str) -> Iterator[Client]:
    session, encryption = MODES[mode]
    flags = f"\n    SIGNED, ENCRYPT = {mode == 'signed'}, {mode in ('egg', 'aead')}\n"
    files = {
        "config/config_default.py": f'keys = "key"\nsession = {{{session}}}\n'
        f'cookies = {{"encryption": "{encryption}"}}\n',
        "app/router.py": flags + ROUTER,
    }
    with served(folder / "shop", files) as client:
        yield client


def base64_of(values: object) -> str:
    return base64.b64encode(json.dumps(values).encode()).decode()


PIECES = [
    *("", "=", "==", ".", "-", "_", "+", "/", "e1.", "%00", '"', " ", "\t", "\u00ff", "A" * 64),
    base64_of({"user": "admin"}),
    base64_of({"a": float("nan"), "_expire": float("inf"), "_maxAge": -1, "_session": []}),
    base64_of({"_expire": 1e308, "_maxAge": 5e-324, "isNew": True, "": None, "__class__": {}}),
    base64_of({"_expire": 9e15, "_maxAge": 9e15, "n": 10**4000, "half": "\ud83e"}),
    base64.b64encode(b'{"a":' * 400 + b"1" + b"}" * 400).decode(),
    base64.b64encode(b'{"_maxAge":1,"_maxAge":9007199254740992,"a":1e999}').decode(),
    base64.b64encode(b'{"a":-Infinity,"b":"\\ud83e\\u0000"}').decode(),
]


@dataclass
class Attack:
    """An attacker with two genuine cookies, and the keep-alive connection that sends others."""

    connection: HTTPConnection
    genuine: dict[str, str]
    """The cookies of a session, and those of `draft`."""
    sessions: int = 0
    """Changed values that gave a session."""
    statuses: set[int] = field(default_factory=set)

    def send(self, cookies: list[tuple[str, str]], path: str) -> Any:
        line = "; ".join(f"{name}={value}" for name, value in cookies)
        self.connection.request("GET", path, headers={"Cookie": line})
        response = self.connection.getresponse()
        body = response.read()
        self.statuses.add(response.status)
        assert response.status == 200, (line, body)
        return json.loads(body)

    def is_genuine(self, cookies: list[tuple[str, str]]) -> bool:
        """Returns whether the cookies that count, the first of each name, are what the app sent."""
        first = {name: value.strip(" \t") for name, value in reversed(cookies)}
        names = ("EGG_SESS", "EGG_SESS.sig") if "EGG_SESS.sig" in self.genuine else ("EGG_SESS",)
        return all(first.get(name) == self.genuine[name] for name in names)

    def mutated(self, rng: random.Random) -> list[tuple[str, str]]:
        """Returns cookies with one to three changes: in a value, of a name, or of their number."""
        cookies = list(self.genuine.items())
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(cookies))
            name, value = cookies[at]
            match rng.randrange(5):
                case 0:
                    cookies[at] = (rng.choice(list(self.genuine)), value)
                case 1:
                    cookies.insert(rng.randrange(len(cookies)), (name, rng.choice(PIECES)))
                case 2:
                    cookies[at] = (name, value[: rng.choice([16, 64, rng.randint(0, len(value))])])
                case _:
                    cookies[at] = (name, changed(value, rng)[:LONGEST])
        return cookies


def changed(value: str, rng: random.Random) -> str:
    """Returns a value with one changed character or piece, or one changed bit of its bytes."""
    at = rng.randrange(len(value) + 1)
    if rng.randrange(2) and len(value) % 4 == 0 and value.isascii():
        try:
            data = bytearray(base64.b64decode(value, altchars=b"-_", validate=True))
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            return base64.urlsafe_b64encode(data).decode()
        except (ValueError, IndexError):
            pass
    new = rng.choice([*PIECES, chr(rng.randrange(0x21, 0x7F)).replace(";", ","), value])
    return value[:at] + new + value[at + rng.randint(0, 3) :]


@contextmanager
def attack(client: Client) -> Iterator[Attack]:
    visitor = Visitor(client)
    visitor.ask("/put", {"user": "ada", "roles": ["a", "b"]})
    visitor.ask("/draft", {"text": base64_of({"user": "admin", "_session": True})})
    with closing(HTTPConnection("127.0.0.1", client.port, timeout=20)) as connection:
        yield Attack(connection, visitor.cookies)


def send_mutations(folder: Path, mode: str, number: int) -> Attack:
    """Sends mutated cookies; checks the answers, and that nothing was logged as an error."""
    rng = random.Random(f"{mode} {number}")
    with site(folder, mode) as client, attack(client) as attacker:
        for _ in range(number):
            cookies = attacker.mutated(rng)
            path = rng.choice(["/show", "/count"])
            session = attacker.send(cookies, path)
            session.pop("count", None)
            if session and not attacker.is_genuine(cookies):
                attacker.sessions += 1
                assert mode not in SAFE, (cookies, session)
        logs = {file.name: file.read_text() for file in client.log_dir.glob("*.log")}
    assert "Traceback" not in "".join(logs.values())
    errors = logs.get("common-error.log", "").splitlines()
    assert [line for line in errors if "exceeds the limit" not in line] == []
    return attacker


@pytest.mark.parametrize("mode", MODES)
def test_mutated_cookies_are_no_error_and_no_session(tmp_path: Path, mode: str) -> None:
    send_mutations(tmp_path, mode, 300)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", MODES)
def test_20_000_mutated_cookies_are_no_error_and_no_session(
    tmp_path: Path, mode: str, figure: Callable[[str], None]
) -> None:
    sessions = send_mutations(tmp_path, mode, 20_000).sessions
    figure(f"{mode}: 20,000 mutated cookies: no error, {sessions:,} gave a session")


@pytest.mark.parametrize("mode", SAFE)
def test_every_cut_and_every_changed_character_is_no_session(tmp_path: Path, mode: str) -> None:
    """Of the value, and of its signature if there is one."""
    with site(tmp_path, mode) as client, attack(client) as attacker:
        genuine = {k: v for k, v in attacker.genuine.items() if k.startswith("EGG_SESS")}
        assert attacker.send(list(genuine.items()), "/show") != {}
        for name, value in genuine.items():
            for at in range(len(value)):
                other = "B" if value[at] == "A" else "A"
                for bad in (value[:at], value[:at] + other + value[at + 1 :]):
                    assert attacker.send(list({**genuine, name: bad}.items()), "/show") == {}


@pytest.mark.parametrize(
    ("mode", "user"), [("plain", "admin"), ("signed", None), ("egg", "admin"), ("aead", None)]
)
def test_the_value_of_another_cookie_as_a_session(
    tmp_path: Path, mode: str, user: str | None
) -> None:
    """A visitor who chooses the text of an encrypted cookie chooses a session, in Egg's format.

    It binds no value to its name (process:CKE-6). The application keeps a draft for the visitor,
    encrypted; the visitor writes a session as the draft, and sends it under the session's name.
    """
    with site(tmp_path, mode) as client, attack(client) as attacker:
        cookies = {
            name.replace("draft", "EGG_SESS"): value
            for name, value in attacker.genuine.items()
            if name.startswith("draft")
        }
        assert attacker.send(list(cookies.items()), "/show").get("user") == user


def test_an_encrypted_value_is_cut_unnoticed() -> None:
    """In Egg's format, where a block ends as padding does; any cut of the other format is found."""
    cipher = CookieCipher(["key"])
    text = f"price=1{chr(9) * 9}000"
    value = base64.urlsafe_b64decode(cipher.encrypt(text))
    cut = base64.urlsafe_b64encode(value[:BLOCK]).decode()
    assert cipher.decrypt(cut) == ("price=1", 0)
    sealed = cipher.seal("shop", "a", text)
    assert {cipher.open("shop", "a", sealed[:end]) for end in range(len(sealed))} == {None}
