"""With rapidjson, the bytes and errors are those of the standard library (core:X-8)."""

from __future__ import annotations

import gc
from collections import OrderedDict, UserDict, UserList, defaultdict, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, IntFlag, StrEnum
from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType, SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eggd.app.serving import json
from eggd.app.serving.json_rapid import writer

Pair = namedtuple("Pair", "a b")


class Text(str):
    __slots__ = ()


class Count(int):
    def __repr__(self) -> str:
        return "count"


class Share(float):
    pass


class Names(dict[Any, Any]):
    def items(self) -> Any:
        return [("own", 1)]


class Items(list[Any]):
    def __iter__(self) -> Any:
        return iter(["own"])


class Cells(tuple[Any, ...]):
    __slots__ = ()


class Moment(datetime):
    def isoformat(self, *args: Any, **kwargs: Any) -> str:
        return "own"


class Colour(Enum):
    RED = "red"
    NESTED = (1, {"a": [2]})


class Size(IntEnum):
    BIG = 3


class Flag(IntFlag):
    A = 1


class Word(StrEnum):
    ONE = "eins"


@dataclass
class Row:
    name: object
    cells: object


class Speaking:
    """Has the methods that other libraries call."""

    def __json__(self) -> str:
        return "own"

    def toDict(self) -> dict[str, int]:  # noqa: N802  # as ujson has it
        return {"own": 1}

    def __repr__(self) -> str:
        return "speaking"


def deep(levels: int, kind: type) -> Any:
    value: Any = kind()
    for _ in range(levels):
        value = {"a": value} if kind is dict else kind([value])
    return value


def loop(kind: type) -> Any:
    value: Any = kind()
    if isinstance(value, dict):
        value["a"] = value
    else:
        value.append((value,))
    return value


AT = datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)

SCALARS: list[Any] = [
    *(None, True, False, 0, -1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63)),
    *(-(2**63) - 1, 10**4299, 0.0, -0.0, 0.1, 1.0, 1e15, 1e16, 1e17, 1.5e300, 1e-4),
    *(1e-5, 1e-7, 5e-324, 2.0**70, 1 / 3),
    *(float("nan"), float("inf"), float("-inf"), 1.7976931348623157e308),
    *("", "a", "/", "</script>", "é€😀", "\x7f\x80\u2028\u2029\ufeff\ufffe\U0010ffff", "\\u001F"),
    *(*map(chr, range(0x22)), '"', "\\", "\\\\u000B", "\ud800", "\udfff", "\ud83d\ude00", "\udc00"),
    *(b"", b"x", bytearray(b"x"), memoryview(b"x"), 1j, ..., NotImplemented, object, len),
    *(Text("t"), Text("\x1f"), Count(5), Share(1.5), Share("nan")),
    *(Size.BIG, Flag.A, Flag(0), Word.ONE),
    *(AT, AT.astimezone(timezone(timedelta(hours=2))), datetime(1, 1, 1, tzinfo=UTC)),
    *(Moment(2026, 1, 2), date(2026, 1, 2), time(1, 2), timedelta(1), UUID(int=5)),
    *(Colour.RED, Colour.NESTED, Decimal("1.5"), Fraction(1, 3), PurePosixPath("/a"), Speaking()),
]  # fmt: skip

HUGE = [10**4300, -(10**5000)]
"""Python formats no integers of more than 4300 digits."""

CONTAINERS: list[Any] = [
    *([], {}, (), set(), frozenset(), [[]], [{}], {"": {}}, ((),), {"a": None}),
    *(Pair(1, float("nan")), Cells([1, (2,)]), Items([1, 2]), Names(a=1), Row("r", [AT, (1,)])),
    *([Row("r", Row(1, 2))], {frozenset([1]): 1}, frozenset([1, "a"]), {1, 2}, {"a": {3}}),
    *(OrderedDict(a=1), defaultdict(list, a=[1]), MappingProxyType({"a": 1}), UserDict(a=1)),
    *(UserList([1]), SimpleNamespace(a=1), range(3), iter([1]), (n for n in [1]), {"a": 1}.keys()),
    *(deep(400, list), deep(400, dict), deep(300, tuple), deep(10_000, list), deep(10_000, dict)),
    *(deep(10_000, tuple), loop(list), loop(dict), [1, 2, {1: 2}], [*range(300), Speaking()]),
]


def outcome(write: Callable[[object], bytes], value: object) -> object:
    """Returns the bytes, or the type and text of the error."""
    try:
        return write(value)
    except Exception as exc:
        return type(exc), str(exc)


def check(value: object) -> None:
    """Checks that both writers have the same outcome."""
    assert json._dumps_rapidjson is not None, "packaging/need test installs it"
    assert outcome(json._dumps_rapidjson, value) == outcome(json._dumps_stdlib, value)


def short(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize("value", SCALARS + HUGE, ids=short)
def test_scalars_are_written_as_by_the_standard_library(value: object) -> None:
    check(value)
    check([value])
    check({"a": value, "b": [value, value]})
    check((value, 1))


@pytest.mark.parametrize("value", CONTAINERS, ids=short)
def test_containers_are_written_as_by_the_standard_library(value: object) -> None:
    check(value)
    check([1, value])
    check({"a": value})


@pytest.mark.parametrize("key", [each for each in SCALARS if each.__hash__], ids=short)
def test_keys_are_written_as_by_the_standard_library(key: object) -> None:
    check({key: 1})
    check([{"a": {key: {"b": 2}}}])


KEYS = st.one_of(
    st.text(st.characters(blacklist_categories=())),
    st.none() | st.booleans() | st.integers() | st.floats(),
    st.sampled_from([Text("k"), Word.ONE, Size.BIG, Colour.RED, (1,), AT]),
)
VALUES = st.recursive(
    st.one_of(
        st.none() | st.booleans() | st.integers() | st.floats(),
        st.integers(-(2**70), 2**70),
        st.text(st.characters(blacklist_categories=())) | st.text('\0\x1f\\"/u0aé€😀\ud800\udc00'),
        st.datetimes(timezones=st.just(UTC))
        | st.dates()
        | st.uuids()
        | st.decimals()
        | st.binary(),
        st.sampled_from(SCALARS),
    ),
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(st.text(), inner),
        st.dictionaries(KEYS, inner),
        st.builds(Row, inner, inner),
        st.builds(Pair, inner, inner),
        st.lists(inner).map(Items),
        st.sampled_from(CONTAINERS[:30]),
    ),
    max_leaves=20,
)


@given(VALUES)
@settings(max_examples=500, deadline=None, database=None)
def test_arbitrary_values_are_written_as_by_the_standard_library(value: object) -> None:
    check(value)


@given(st.floats() | st.integers(-(2**66), 2**66) | st.text(st.characters(blacklist_categories=())))
@settings(max_examples=1000, deadline=None, database=None)
def test_arbitrary_numbers_and_texts_are_written_as_by_the_standard_library(value: object) -> None:
    check([value])


def unused(value: object) -> bytes:
    raise AssertionError(f"the standard library wrote {value!r}")


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, True, None, "é\n\\"], "b": {"c": {}}},
        [(1, 2), {3}, frozenset([4]), date(2026, 1, 2), AT, UUID(int=5)],
        [Text("t"), Count(5), Share(1.5), Size.BIG, Word.ONE],
        {Text("k"): 1, Word.ONE: 2},
        [2**64 - 1, -(2**63)],
    ],
)
def test_usual_values_are_written_by_rapidjson_alone(value: object) -> None:
    write = writer(json._default, unused)
    assert write is not None
    assert write(value) == json._dumps_stdlib(value)


def test_a_float_with_its_own_repr_is_written_as_a_number() -> None:
    """The repr(), which rapidjson 1.4 would write, may be NumPy's `np.float64(1.5)`."""

    class Number(float):
        def __repr__(self) -> str:
            return "own"

    class Kilo(Number):
        pass

    check([Number(1.5), Kilo(2.5)])
    assert json._dumps_rapidjson is not None
    assert json._dumps_rapidjson([Number(1.5), Kilo(2.5)]) == b"[1.5,2.5]"
    # While such a class exists, the standard library writes everything, in other tests, too.
    del Number, Kilo
    gc.collect()
    assert all(each.__repr__ is float.__repr__ for each in float.__subclasses__())


def test_an_iterator_is_an_error_and_is_not_read() -> None:
    values = iter([1, 2])
    assert json._dumps_rapidjson is not None
    with pytest.raises(TypeError, match="list_iterator cannot be written as JSON"):
        json._dumps_rapidjson([values])
    assert next(values) == 1


def test_a_value_is_not_formatted_for_an_error_that_is_not_shown() -> None:
    """Its repr() may be long, or run code of the app."""

    class Loud(Names):
        def __repr__(self) -> str:
            raise AssertionError

    check([Loud()])
