"""`app.sign_token` and `app.read_token` (RFC 2104, RFC 4648 section 5)."""

from __future__ import annotations

from pathlib import Path
from time import time
from typing import Any

import pytest

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.errors import ArgumentError, ConfigError
from eggd.wire.signed_token import payload_of, signed
from tests.app.loading import loaded

KEYS = "a text of at least sixteen characters"


def app_with(root: Path, keys: str = KEYS, name: str = "shop") -> Application:
    files = {
        "pyproject.toml": f"[project]\nname = '{name}'\n",
        "config/config_default.py": f"keys = {keys!r}\n",
    }
    app: Application = loaded(root / name / keys[:3], files)
    return app


@pytest.mark.parametrize("data", [7, "a\u00e9\ud800", [1, {"a": None}], {"user": 7}, False, 0, ""])
def test_data_come_back(tmp_path: Path, data: object) -> None:
    app = app_with(tmp_path)
    token = app.sign_token(data, purpose="reset", max_age="2h")
    assert app.read_token(token, purpose="reset") == data
    assert token.isascii()
    assert not set(token) & set("+/=&?# ")


def test_the_token_of_another_purpose_app_or_key_is_none(tmp_path: Path) -> None:
    """Also if the other app has the same keys."""
    app = app_with(tmp_path)
    token = app.sign_token(7, purpose="reset", max_age=None)
    assert app.read_token(token, purpose="login") is None
    assert app_with(tmp_path, name="bank").read_token(token, purpose="reset") is None
    assert app_with(tmp_path, "another text of sixteen").read_token(token, purpose="reset") is None


def test_a_token_by_an_old_key_is_read(tmp_path: Path) -> None:
    """As with cookies: the first key signs, all are accepted."""
    token = app_with(tmp_path).sign_token(7, purpose="reset", max_age=None)
    newer = app_with(tmp_path, f"new key of sixteen characters,{KEYS}")
    assert newer.read_token(token, purpose="reset") == 7
    assert newer.sign_token(7, purpose="reset", max_age=None) != token


def test_a_token_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_with(tmp_path)
    token = app.sign_token(7, purpose="reset", max_age=60)
    now = app_time(monkeypatch)
    now(59)
    assert app.read_token(token, purpose="reset") == 7
    now(61)
    assert app.read_token(token, purpose="reset") is None


def app_time(monkeypatch: pytest.MonkeyPatch) -> Any:
    start = time()
    return lambda after: monkeypatch.setattr("eggd.app.signed_tokens.time", lambda: start + after)


def test_a_changed_token_is_none(tmp_path: Path) -> None:
    """Each character is changed, and each part is cut."""
    app = app_with(tmp_path)
    token = app.sign_token({"user": 7}, purpose="reset", max_age=None)
    for index, character in enumerate(token):
        for other in ("A", "b", "-", ".", "\u00e9", ""):
            if other != character:
                changed = token[:index] + other + token[index + 1 :]
                assert app.read_token(changed, purpose="reset") is None


@pytest.mark.parametrize(
    "token", [None, 5, b"s1.a.b", "", ".", "s1.", "s1..", "s1.a", "s1.a.b.c", "\ud800", "s1.\x00.a"]
)
def test_what_is_not_a_token_is_none(tmp_path: Path, token: object) -> None:
    assert app_with(tmp_path).read_token(token, purpose="reset") is None


@pytest.mark.parametrize(
    ("data", "options", "text"),
    [
        (None, {"purpose": "a", "max_age": 1}, "data of a token must not be None"),
        (object(), {"purpose": "a", "max_age": 1}, "data of a token cannot be written as JSON"),
        (float("nan"), {"purpose": "a", "max_age": 1}, "data of a token cannot be written as JSON"),
        (1, {"purpose": "", "max_age": 1}, "purpose of a token must be text, not ''"),
        (1, {"purpose": 5, "max_age": 1}, "purpose of a token must be text, not 5"),
        (1, {"purpose": "a", "max_age": 0}, "max_age of a token must be above 0, not 0"),
        (1, {"purpose": "a", "max_age": -1}, "max_age of a token must be 0 or more seconds"),
        (1, {"purpose": "a", "max_age": "soon"}, "max_age of a token must be 0 or more seconds"),
    ],
)
def test_a_wrong_argument(tmp_path: Path, data: object, options: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        app_with(tmp_path).sign_token(data, **options)


def test_keys_are_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.keys is not set"):
        loaded(tmp_path, {}).sign_token(1, purpose="a", max_age=None)


def test_the_agent_signs_as_the_workers_do(tmp_path: Path) -> None:
    """A job of the agent may send mails."""
    files = {"config/config_default.py": f"keys = {KEYS!r}\n"}
    token = loaded(tmp_path, files, Agent).sign_token(7, purpose="a", max_age=None)
    assert loaded(tmp_path, files).read_token(token, purpose="a") == 7


def test_the_format() -> None:
    """A token of today must be read by a later version."""
    token = signed(b'[null,{"user":7}]', KEYS, "shop", "reset")
    assert token.startswith("s1.W251bGwseyJ1c2VyIjo3fV0.")
    assert payload_of(token, ["x", KEYS], "shop", "reset") == b'[null,{"user":7}]'
