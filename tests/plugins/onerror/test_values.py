"""Values as text: bounded in size and time, secrets masked, whatever their classes do."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque, namedtuple
from dataclasses import dataclass, field
from typing import Any

import pytest

from eggd.masking.known import FORMS, remember
from eggd.plugins.onerror.report.limits import in_time
from eggd.plugins.onerror.report.values import LONGEST, Values, is_hidden
from eggd.timelimit import TooLongError, limited

Point = namedtuple("Point", "x y")


@dataclass
class Login:
    user: str
    password: str
    inner: object = None
    hidden: str = field(default="x", repr=False)


class Raising:
    def __repr__(self) -> str:
        raise RuntimeError("<script>")


class Ending:
    def __repr__(self) -> str:
        raise SystemExit(3)


class Numeric:
    def __repr__(self) -> str:
        return 7  # type: ignore[return-value]


class Endless:
    def __repr__(self) -> str:
        while True:
            pass


class Sly(str):
    def __getitem__(self, key: object) -> Any:
        return "x" * 10_000_000

    def __repr__(self) -> str:
        return "sly"


class SlyRepr:
    def __repr__(self) -> str:
        return Sly("y" * 10_000)


class Lying:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("no class")

    def __repr__(self) -> str:
        return "lying"


class Huge:
    def __len__(self) -> int:
        return 10**9

    def __repr__(self) -> str:
        raise AssertionError("asked")


class Unsized:
    def __len__(self) -> int:
        raise ValueError("no length")

    def __repr__(self) -> str:
        return "unsized"


HERE = f"<{__name__}."


class Plain:
    pass


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (7, "7"),
        (True, "True"),
        ("a'b\n", "\"a'b\\n\""),
        (b"\x00a", "b'\\x00a'"),
        ([], "[]"),
        ((1,), "(1,)"),
        (set(), "set()"),
        ({"a": [1, {2}]}, "{'a': [1, {2}]}"),
        ({"password": "p", "n": {"api_key": "k"}}, "{'password': ***, 'n': {'api_key': ***}}"),
        ("password=hunter2 x", "'password=*** x'"),
        (["mysql", "--password", "hunter2"], "['mysql', '--password', '***']"),
        ({"argv": ["--password", "x1y2z3"]}, "{'argv': ['--password', '***']}"),
        ([("password", "x1y2z3"), ("a", 1)], "[('password', '***'), ('a', 1)]"),
        ({"Cookie": "a=b", "session": {"a": 1}}, "{'Cookie': ***, 'session': ***}"),
        (Login("ada", "hunter2"), "Login(user='ada', password=***, inner=None)"),
        (Point(1, 2), "Point(x=1, y=2)"),
        (Plain(), HERE + "Plain>"),
        (Numeric(), HERE + "Numeric: its __repr__ raised TypeError>"),
        (Raising(), HERE + "Raising: its __repr__ raised RuntimeError>"),
        (Ending(), HERE + "Ending: its __repr__ raised SystemExit>"),
        (Endless(), HERE + "Endless: its __repr__ takes too long>"),
        (Huge(), HERE + f"Huge, {10**9} items>"),
        (Unsized(), "unsized"),
        (Sly("sly"), "sly"),
        (1 << 10_000, "<int of 10001 bits>"),
    ],
)  # fmt: skip
def test_values(value: object, text: str) -> None:
    assert Values().show(value) == text


def test_a_class_that_lies() -> None:
    assert Values().show(Lying()) == f"{HERE}Lying: RuntimeError while it was formatted>"


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10_000_000,
        b"x" * 10_000_000,
        list(range(3_000_000)),
        dict.fromkeys(range(10000), "y" * 1000),
        deque(range(1_000_000)),
        OrderedDict.fromkeys(range(100_000)),
        [["z" * 1000] * 1000] * 1000,
        Login("a" * 1_000_000, "b", list(range(1_000_000))),
        SlyRepr(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_large_value_is_cut(value: object) -> None:
    """And takes little time."""
    began = time.process_time()
    text = Values().show(value)
    assert len(text) < LONGEST + 40
    assert time.process_time() - began < 0.5


def test_values_within_each_other() -> None:
    value: list[object] = []
    value.append(value)
    assert "…" in Values().show(value)
    nested: object = 1
    for _ in range(5000):
        nested = [nested]
    assert Values().show(nested).startswith("[[[[[… 1 items]")


def test_all_values_together_have_a_limit() -> None:
    """A hundred slow objects take no longer than ten."""
    began = time.monotonic()
    values = Values()
    texts = [values.show(Endless()) for _ in range(100)]
    assert all("takes too long" in text for text in texts)
    assert time.monotonic() - began < 2


def test_an_object_is_asked_once() -> None:
    """Its repr may read a database, and the frames pass the same object on."""
    asked = []

    class Asked:
        def __repr__(self) -> str:
            asked.append(1)
            return "asked"

    values, value = Values(), Asked()
    assert [values.show(value), values.show([value])] == ["asked", "[asked]"]
    assert asked == [1]


def test_a_known_credential_is_masked_in_any_value() -> None:
    known = list(FORMS)
    try:
        remember("kn0wn-credential")
        assert "kn0wn" not in Values().show(["kn0wn-credential", {"a": "is kn0wn-credential"}])
    finally:
        FORMS[:] = known


@pytest.mark.parametrize("name", ["password", "api_key", "session", "cookies", "csrf", "authToken"])
def test_hidden_names(name: str) -> None:
    assert is_hidden(name)


@pytest.mark.parametrize("name", ["key", "author", "tokens", "number", "cooking", "id"])
def test_other_names(name: str) -> None:
    assert is_hidden(name) is (name == "tokens")


def test_a_limit_of_time_ends_code_at_a_line() -> None:
    def endless() -> None:
        while True:
            pass

    began = time.monotonic()
    with pytest.raises(TooLongError):
        in_time(lambda: limited(endless, 0.02), 5)
    assert time.monotonic() - began < 1


def test_a_thread_that_is_late_is_left_behind() -> None:
    released = threading.Event()
    began = time.monotonic()
    assert in_time(lambda: released.wait(60), 0.05) is None
    assert time.monotonic() - began < 30
    released.set()


def test_an_exception_in_the_thread_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        in_time(lambda: 1 / 0, 5)
