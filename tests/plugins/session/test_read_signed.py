"""`session.read_signed`: sessions of an app that signed them go on, encrypted (process:SES-1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.app.serving import served
from tests.plugins.session.test_mistakes import signed
from tests.plugins.session.test_session import ROUTER
from tests.plugins.session.visitor import Visitor


@contextmanager
def app(folder: Path, **options: object) -> Iterator[Visitor]:
    """An app with these options of sessions; the file of its store stays."""
    session = {"path": "/", "sqlite": {"path": f"{folder}/sessions.sqlite"}, **options}
    encryption = session.pop("encryption", "egg")
    config = (
        f'keys = "key1,key0"\nsession = {session!r}\ncookies = {{"encryption": {encryption!r}}}'
    )
    files = {"config/config_default.py": f"{config}\n", "app/router.py": ROUTER}
    with served(folder / str(len(list(folder.iterdir()))) / "shop", files) as client:
        yield Visitor(client)


@pytest.mark.parametrize("store", ["", "sqlite"])
@pytest.mark.parametrize("encryption", ["egg", "upgrade", "aead"])
def test_a_signed_session_goes_on_encrypted(tmp_path: Path, store: str, encryption: str) -> None:
    """A mere read replaces it, and the signature is deleted."""
    with app(tmp_path, store=store, encrypt=False) as before:
        before.ask("/put", {"user": 7})
    with app(tmp_path, store=store, encryption=encryption) as strict:
        strict.cookies = dict(before.cookies)
        assert strict.ask("/show") == {}
    with app(tmp_path, store=store, encryption=encryption, read_signed=True) as visitor:
        visitor.cookies = dict(before.cookies)
        assert visitor.ask("/show") == {"user": 7}
        assert list(visitor.cookies) == ["EGG_SESS"]
        assert visitor.cookies != before.cookies
        assert visitor.ask("/show") == {"user": 7}
        assert visitor.lines == []
    with app(tmp_path, store=store, encryption=encryption) as strict:
        strict.cookies = dict(visitor.cookies)
        assert strict.ask("/show") == {"user": 7}


@pytest.mark.parametrize("path", ["/put", "/drop", "/regenerate"])
def test_no_signature_is_left_by_a_change(tmp_path: Path, path: str) -> None:
    with app(tmp_path, read_signed=True) as visitor:
        visitor.cookies = signed({"user": 7}, "key0")
        visitor.ask(path, {"more": 1} if path == "/put" else None)
        assert list(visitor.cookies) == ([] if path == "/drop" else ["EGG_SESS"])
        assert len([line for line in visitor.lines if line.startswith("EGG_SESS.sig")]) == 1


@pytest.mark.parametrize(
    "cookies",
    [
        {"EGG_SESS": signed({"user": 7})["EGG_SESS"]},
        {**signed({"user": 7}), "EGG_SESS": signed({"user": 8})["EGG_SESS"]},
        signed({"user": 7}, "another key"),
        {**signed({"user": 7}), "EGG_SESS": ""},
    ],
)
def test_only_a_right_signature_counts(tmp_path: Path, cookies: dict[str, str]) -> None:
    with app(tmp_path, read_signed=True) as visitor:
        visitor.cookies = cookies
        assert visitor.ask("/show") == {}
