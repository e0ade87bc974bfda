"""Typed sections: what is coerced, and the one line for each mistake (core:CFG, architecture 4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from eggd.config.measures import BadValueError, Bytes, Seconds, seconds, size
from eggd.config.section import coerce
from eggd.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    port: int = 7001


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    enable: bool = True
    wait: Seconds = 5.0
    most: Bytes = 1024
    name: str | None = None
    names: list[str] = field(default_factory=list)
    inner: Inner = field(default_factory=Inner)


def made(values: dict[str, object]) -> Section:
    return coerce(Section, values, ("demo",), lambda path: "config_prod.py")


@pytest.mark.parametrize(
    ("values", "key", "expected"),
    [
        ({}, "wait", 5.0),
        ({"wait": "500ms"}, "wait", 0.5),
        ({"wait": 3}, "wait", 3.0),
        ({"most": "16kb"}, "most", 16384),
        ({"name": None}, "name", None),
        ({"names": ["a", "b"]}, "names", ["a", "b"]),
        ({"inner": {"port": 80}}, "inner", Inner(port=80)),
    ],
)
def test_good_values_are_coerced(values: dict[str, object], key: str, expected: object) -> None:
    assert getattr(made(values), key) == expected


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            {"wiat": 3},
            "config_prod.py: demo.wiat: unknown key (did you mean 'wait'?)",
        ),
        (
            {"enable": "yes"},
            "config_prod.py: demo.enable must be true or false, not 'yes'",
        ),
        (
            {"wait": "soon"},
            "config_prod.py: demo.wait must be 0 or more seconds, or text such as '1d', not 'soon'",
        ),
        (
            {"names": "a"},
            "config_prod.py: demo.names must be a list, not 'a'",
        ),
        (
            {"names": [1]},
            "config_prod.py: demo.names[0] must be text, not 1",
        ),
        (
            {"inner": 3},
            "config_prod.py: demo.inner must be a mapping, not 3",
        ),
        (
            {"inner": {"port": True}},
            "config_prod.py: demo.inner.port must be a whole number, not True",
        ),
    ],
)
def test_bad_values_name_file_key_and_value(values: dict[str, object], line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(values)
    assert caught.value.line == line


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    place: Path = Path("/")
    colour: Colour = Colour.RED
    names: set[str] = field(default_factory=set)
    pair: tuple[str, ...] = ()
    rule: re.Pattern[str] | None = None
    match: Callable[[object], bool] | None = None
    free: Any = None
    token_secret: str = ""
    peers: dict[str, Inner] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("values", "key", "expected"),
    [
        ({"place": "/srv"}, "place", Path("/srv")),
        ({"colour": "red"}, "colour", Colour.RED),
        ({"names": ["a", "a"]}, "names", {"a"}),
        ({"pair": ["a"]}, "pair", ("a",)),
        ({"rule": re.compile("a")}, "rule", re.compile("a")),
        ({"match": callable}, "match", callable),
        ({"free": 3j}, "free", 3j),
        ({"peers": {"keys": {"port": 1}}}, "peers", {"keys": Inner(port=1)}),
    ],
)
def test_other_types(values: dict[str, object], key: str, expected: object) -> None:
    assert getattr(coerce(Typed, values, (), lambda path: ""), key) == expected


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"place": 3}, "place must be a Path, not 3"),
        ({"colour": "blue"}, "colour must be 'red', not 'blue'"),
        ({"names": "ab"}, "names must be a list, not 'ab'"),
        ({"rule": "a+"}, "rule must be a regex of re.compile(), not 'a+'"),
        ({"match": "a"}, "match must be a function, not 'a'"),
        ({"token_secret": 12345}, "token_secret must be text, not a value of type int"),
        ({"peers": {"a": {"prt": 1}}}, "peers.a.prt: unknown key (did you mean 'port'?)"),
    ],
)
def test_other_types_name_what_they_expect(values: dict[str, object], text: str) -> None:
    """A secret is not quoted."""
    with pytest.raises(ConfigError) as caught:
        coerce(Typed, values, (), lambda path: "c.py")
    assert caught.value.line == f"c.py: {text}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *(("500ms", 0.5), ("1 msec", 0.001), ("3", 3.0), ("5s", 5.0), ("2 seconds", 2.0)),
        *(("1m", 60.0), ("10 mins", 600.0), ("10h", 36000.0), ("2.5 hrs", 9000.0)),
        *(("1d", 86400.0), ("2 days", 172800.0), ("1w", 604800.0), ("1y", 31557600.0)),
        *((" 1 Year ", 31557600.0), (0, 0.0), (0.25, 0.25)),
    ],
)
def test_durations(text: object, found: float) -> None:
    """Npm's `ms`, but a bare number is seconds (core:X-14)."""
    assert seconds(text) == pytest.approx(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1mb", 1048576),
        ("100kb", 102400),
        ("1.5 KB", 1536),
        ("5b", 5),
        ("7", 7),
        (7, 7),
        ("1gb", 1 << 30),
    ],
)
def test_sizes(text: object, found: int) -> None:
    # core:X-15
    assert size(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "-1s",
        "5 parsecs",
        "1 m s",
        "1e3",
        "٣s",
        "1.s",
        "",
        None,
        True,
        -1,
        float("inf"),
        float("nan"),
    ],
)
def test_no_duration(text: object) -> None:
    with pytest.raises(BadValueError):
        seconds(text)


@pytest.mark.parametrize("text", ["1tb", "x", None, -5, False])
def test_no_size(text: object) -> None:
    with pytest.raises(BadValueError):
        size(text)
