"""Values as plain JSON with masked secrets."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path

import pytest

from eggd.masking.redact import SECRET_NAMES, is_secret, redact, safe_repr


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Section:
    port: int
    client_secret: str


async def fetch() -> None: ...


@pytest.mark.parametrize(
    "key",
    [*SECRET_NAMES, "secret", "clientSecret", "APP_SECRET_1", "private", "tls_key", "session_id"],
)
def test_secret_names(key: str) -> None:
    # core:DUMP-3
    assert is_secret(key)


@pytest.mark.parametrize("key", ["passwordNew", "accessId", "key", "pass_through", "private_dir"])
def test_names_that_only_look_like_secrets(key: str) -> None:
    """The names match exactly (core:DUMP-3)."""
    assert not is_secret(key)


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        ("hush", "<String len: 4>"),
        (7, "<Number>"),
        (7.5, "<Number>"),
        (True, "<Boolean>"),
        (b"abc", "<Buffer len: 3>"),
        (None, None),
        (["hush"], "<Array>"),
        (("hush",), "<Array>"),
        ({"main": "hush", "old": {"n": 1}}, {"main": "<String len: 4>", "old": {"n": "<Number>"}}),
        (fetch, "<AsyncFunction fetch>"),
    ],
)
def test_a_secret_shows_its_kind_alone(value: object, mask: object) -> None:
    # core:DUMP-4, DUMP-7
    assert redact({"keys": value}) == {"keys": mask}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (re.compile(r"^/a+"), "^/a+"),
        (Path("/srv"), "/srv"),
        (is_secret, "<Function is_secret>"),
        (lambda: 1, "<Function anonymous>"),
        (fetch, "<AsyncFunction fetch>"),
        (Section, "<Class Section>"),
        (datetime(2020, 1, 1, tzinfo=UTC), "<Date>"),
        (date(2020, 1, 1), "<Date>"),
        (ValueError("x"), "<ValueError>"),
        (b"abc", "<Buffer len: 3>"),
        (object(), "<object>"),
        (Colour.RED, "red"),
        (float("nan"), None),
        ({3, 1}, [1, 3]),
        ((1, [2]), [1, [2]]),
        (Section(1, "hush"), {"port": 1, "client_secret": "<String len: 4>"}),
        ({1: 2}, {"1": 2}),
        ("postgres://me:hush@db/shop", "postgres://me:***@db/shop"),
    ],
)
def test_values_that_json_cannot_express(value: object, text: object) -> None:
    # core:DUMP-5
    assert redact(value) == text
    json.dumps(redact(value))


def test_secrets_in_lists_are_masked() -> None:
    # core:DUMP-7
    value = {"peers": [{"host": "a", "password": "hush", "more": [{"pwd": "hush"}]}]}
    assert "hush" not in json.dumps(redact(value))
    command = ["mysqldump", "-uroot", "-phush", "shop"]
    assert redact(command) == ["mysqldump", "-uroot", "<String len: 6>", "shop"]
    assert redact(["ssh", "-p2222", "host"]) == ["ssh", "-p2222", "host"]


def test_a_recursive_value_ends_in_a_path() -> None:
    # core:DUMP-6
    foo: list[object] = ["this is foo"]
    foo.append(foo)
    assert redact({"config": {"foo": foo}}) == {"config": {"foo": ["this is foo", "~config~foo"]}}
    loop: dict[str, object] = {}
    loop["self"] = loop
    assert redact({"config": loop}) == {"config": {"self": "~config"}}
    assert foo[1] is foo


def test_the_same_value_twice_is_not_a_cycle() -> None:
    both = ["x"]
    assert redact({"a": both, "b": both}) == {"a": ["x"], "b": ["x"]}


def test_other_names_may_be_secret() -> None:
    """A key that contains "secret" is always secret (core:DUMP-3)."""
    value = {"token": "hush", "password": "open", "my_secret": "hush"}
    masked = {"token": "<String len: 4>", "password": "open", "my_secret": "<String len: 4>"}
    assert redact(value, ["token"]) == masked


NAMED = {"access_token": 1, "db_pass": 1, "jwt": 1, "Authorization": 1, "apiKey": 1, "x-api-key": 1}


def test_a_key_is_secret_by_its_last_word() -> None:
    assert redact(NAMED) == dict.fromkeys(NAMED, "<Number>")
    harmless = {
        "token_url": "u",
        "password_min_length": 8,
        "bypass": 1,
        "monkey": 2,
        "tokenizer": 3,
    }
    assert redact(harmless) == harmless


def test_secrets_within_texts_are_masked() -> None:
    value = {
        "dsn": "Server=db;Password=hunter2",
        "argv": ["mysql", "--password", "hunter2", "-v"],
        "headers": [("Authorization", "hunter2"), ["Accept", "*"]],
    }
    masked = {
        "headers": [["Authorization", "<String len: 7>"], ["Accept", "*"]],
        "dsn": "Server=db;Password=***",
        "argv": ["mysql", "--password", "<String len: 7>", "-v"],
    }
    assert redact(value) == masked


def test_errors_do_not_quote_secrets() -> None:
    assert safe_repr(["peers", "password", "0"], 12345) == "a value of type int"
    assert safe_repr(["url"], "redis://:hush@a") == "'redis://:***@a'"
    assert safe_repr(["port"], [{"pwd": 1}, 2]) == "[{'pwd': '<Number>'}, 2]"


def test_errors_name_functions_and_classes() -> None:
    """The address of one says nothing, and differs at each start."""
    assert safe_repr(["port"], is_secret) == "the function is_secret"
    assert safe_repr(["port"], print) == "the function print"
    assert safe_repr(["port"], Colour) == "the class Colour"
