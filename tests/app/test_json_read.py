"""JSON bodies read the same with orjson and without it (core:BODY-4, BODY-5)."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from eggd.app.serving import json_read
from eggd.app.serving.json_read import is_poisoned, may_be_poisoned, remove_poisoned

READERS: list[Callable[[bytes], Any]] = [json_read._read_stdlib]
if find_spec("orjson"):
    READERS.append(json_read._read_orjson)


@pytest.fixture(params=READERS)
def read(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Any]:
    monkeypatch.setattr(json_read, "_read", request.param)
    return json_read.read_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a":1,"a":2}', {"a": 2}),
        (b" [1.0, -0, 1E5, 0.1e-400]\n", [1.0, 0, 100000.0, 0.0]),
        (b"[18446744073709551615]", [18446744073709551615]),
        (b"[18446744073709551616]", [18446744073709551616.0]),
        (b"[-9223372036854775808, -9223372036854775809]", [-(1 << 63), -9223372036854775808.0]),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\u0000\\u00e9"', "\0\xe9"),
    ],
)
def test_values(read: Callable[[bytes], Any], text: bytes, value: object) -> None:
    found = read(text)
    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"[1,]",
        b"01",
        b"NaN",
        b"[-Infinity]",
        b"1e400",
        b"9" * 400,
        b"1.7976931348623159e308",
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"\x0c1",
        b'"\t"',
        b"[" * 501 + b"]" * 501,
        b"[" * 1_000_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_invalid_json_is_a_value_error(read: Callable[[bytes], Any], text: bytes) -> None:
    """Never another exception (core:BODY-4)."""
    with pytest.raises(ValueError, match=r"\w"):
        read(text)


def test_both_parsers_have_the_same_messages(read: Callable[[bytes], Any]) -> None:
    """A client sees the same message with both parsers (core:BODY-4)."""
    with pytest.raises(ValueError, match="Expecting value: line 1 column 4"):
        read(b"[1,?]")


def test_five_hundred_levels_are_read(read: Callable[[bytes], Any]) -> None:
    assert read(b"[" * 500 + b"]" * 500)
    assert read(b"[" + b"[]," * 1000 + b"[]]")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"__proto__":{"a":1},"b":2}', {"b": 2}),
        (b'{"x":[{"\\u005f_proto__":1}]}', {"x": [{}]}),
        (b'{"constructor":{"prototype":{}},"b":2}', {"b": 2}),
    ],
)
def test_poisoned_keys_are_detected_and_removed(
    read: Callable[[bytes], Any], text: bytes, value: object
) -> None:
    # core:BODY-5
    found = read(text)
    assert may_be_poisoned(text)
    assert is_poisoned(found)
    assert remove_poisoned(found) == value


@pytest.mark.parametrize("text", [b'{"constructor":"x"}', b'["__proto__"]', b'{"a":1}'])
def test_similar_keys_are_not_poison(read: Callable[[bytes], Any], text: bytes) -> None:
    # core:BODY-5
    assert not is_poisoned(read(text))
