"""JSON goes out the same with orjson, with rapidjson and without them (core:X-8)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from importlib.util import find_spec
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from eggd.app.serving import json
from tests.house.imports import ROOT

OTHER = ROOT / ".cache/orjson"
WRITERS: list[Callable[[object], bytes]] = [json._dumps_stdlib]
if json._dumps_rapidjson is not None:
    WRITERS.append(json._dumps_rapidjson)
if find_spec("orjson"):
    WRITERS.append(json._dumps_orjson)


class Point(NamedTuple):
    x: int
    y: float


@dataclass
class Row:
    name: str
    at: datetime
    cells: list[Any]


class Colour(Enum):
    RED = "red"


class Size(IntEnum):
    BIG = 3


class Text(StrEnum):
    ONE = "eins"


class Name(str):
    __slots__ = ()


class Table(dict[str, object]):
    pass


class Float(float):
    pass


AT = datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("value", "text"),
    [
        # core:X-8: what JSON.stringify writes
        ({"a": [1, 2.5, True, None, "x"]}, '{"a":[1,2.5,true,null,"x"]}'),
        ([float("nan"), float("inf"), float("-inf")], "[null,null,null]"),
        ("é€😀 </script>\u2028\x7f", '"é€😀 </script>\u2028\x7f"'),
        ('"\\\b\f\n\r\t\0\x1f', r'"\"\\\b\f\n\r\t\u0000\u001f"'),
        ("a\ud800b\udc00", r'"a\ud800b\udc00"'),
        ({1: 1, False: 2, None: 3, 2.5: 4, "k": 5}, '{"1":1,"false":2,"null":3,"2.5":4,"k":5}'),
        ({float("nan"): 1, float("-inf"): 2}, '{"NaN":1,"-Infinity":2}'),
        # integers of any size, and what a double says in one way only
        ([2**64, -(2**63) - 1, 2**53], "[18446744073709551616,-9223372036854775809,"),
        ([0.1, 1.0, -0.0, 123456.789, 1e15], "[0.1,1.0,-0.0,123456.789,1000000000000000.0]"),
        # moments in UTC with milliseconds
        (AT, '"2026-01-02T03:04:05.678Z"'),
        (AT.astimezone(timezone(timedelta(hours=2))), '"2026-01-02T03:04:05.678Z"'),
        (datetime(1, 1, 1, tzinfo=UTC), '"0001-01-01T00:00:00.000Z"'),
        (date(2026, 1, 2), '"2026-01-02"'),
        # Python's own
        (Point(1, float("nan")), "[1,null]"),
        (Row("r", AT, [Point(1, 2.5)]), '{"name":"r","at":"2026-01-02T03:04:05.678Z","cells":['),
        ([Row("r", AT, [float("inf")])], '[{"name":"r","at":"2026-01-02T03:04:05.678Z","cells":[n'),
        ([Colour.RED, Size.BIG, Text.ONE], '["red",3,"eins"]'),
        ([Name("n"), Table(a=1), Float(1.5)], '["n",{"a":1},1.5]'),
        ({Name("n"): 1, Text.ONE: 2}, '{"n":1,"eins":2}'),
        (frozenset([1]), "[1]"),
        (UUID(int=5), '"00000000-0000-0000-0000-000000000005"'),
        ([[]] * 2, "[[],[]]"),
        ("", '""'),
        (None, "null"),
    ],
    ids=repr,
)
def test_values_are_written(write: Callable[[object], bytes], value: object, text: str) -> None:
    assert write(value).decode().startswith(text)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("value", [1e16, 1.5e300, 1e-7, 5e-324, 1e-5, 123456789012345680.0])
def test_a_number_with_an_exponent_is_the_same_number(
    write: Callable[[object], bytes], value: float
) -> None:
    assert float(write(value)) == value


def loop() -> list[Any]:
    made: list[Any] = [float("nan")]
    made.append(made)
    return made


def deep(levels: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(levels):
        made = [made]
    return made


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"x", "bytes cannot be written as JSON: b'x'"),
        ([object], "type cannot be written as JSON"),
        ([1, {"a": 1j}], "complex cannot be written as JSON: 1j"),
        ({(1, 2): 3}, "keys must be str"),
        ([10**5000], "cannot be written as JSON: Exceeds the limit"),
        (loop(), "nested too deeply, or in itself"),
        (deep(100_000), "nested too deeply, or in itself"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_json_cannot_represent_is_an_error(
    write: Callable[[object], bytes], value: object, message: str
) -> None:
    """One line for the log, not a crash (core:X-8)."""
    with pytest.raises(TypeError, match=message):
        write(value)


@pytest.mark.parametrize("write", WRITERS)
def test_deeply_nested_values_are_written(write: Callable[[object], bytes]) -> None:
    assert write(deep(400)) == b"[" * 401 + b"]" * 401


@pytest.mark.skipif(bool(find_spec("orjson")), reason="this is the run with orjson")
def test_orjson_passes_too() -> None:
    """Runs both files of JSON, and the bodies of requests, with the orjson of `make`."""
    assert (OTHER / "orjson").is_dir(), "make .venv/ready installs it"
    here = [f"tests/app/test_{name}.py" for name in ("json", "json_read", "bodies", "serving")]
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *here],
        env={**os.environ, "PYTHONPATH": str(OTHER)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout[-5000:] + tests.stderr[-1000:]
