"""Dataclasses, TypedDicts and annotations: typed results, and the path of each wrong field."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType, NotRequired, TypedDict
from uuid import UUID

import pytest

from eggd import HttpError
from eggd.plugins.validate.errors import InvalidParamError, RuleError
from tests.plugins.validate.models import check

UserId = NewType("UserId", int)


class Colour(Enum):
    RED = "red"
    ONE = 1


@dataclass
class Item:
    name: str
    price: float
    colour: Colour = Colour.RED


@dataclass
class Order:
    id: UserId
    items: list[Item]
    paid: bool = False
    due: date | None = None
    tags: set[str] = field(default_factory=set)
    kind: Literal["new", "old", 3] = "new"
    extra: dict[str, int] = field(default_factory=dict)
    point: tuple[int, int] | None = None
    either: int | list[int] = 0
    mail: Annotated[str, "email"] = "a@b.de"
    count: Annotated[int, {"type": "int", "min": 1, "max": 9}] = 1


class Address(TypedDict):
    street: str
    zip: NotRequired[str]


@dataclass
class Tree:
    children: list[Tree]


@dataclass
class Range:
    low: int
    password: str = ""

    def __post_init__(self) -> None:
        if self.low < 0:
            raise ValueError(f"low is below 0, with {self.password!r}")


def test_a_dataclass_has_the_types_of_its_annotations() -> None:
    order = check(
        Order,
        {
            "id": 1,
            "items": [{"name": "a", "price": 2, "colour": 1, "more": 5}],
            "due": "2020-02-29",
            "tags": ["x", "x"],
            "kind": 3,
            "extra": {"a": 1},
            "point": [1, 2],
            "either": [1],
        },
    )
    assert order == Order(
        id=UserId(1),
        items=[Item("a", 2.0, Colour.ONE)],
        due=date(2020, 2, 29),
        tags={"x"},
        kind=3,
        extra={"a": 1},
        point=(1, 2),
        either=[1],
    )


WRONG: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"id": None}, [("id", "should be an integer")]),
    ({"id": True}, [("id", "should be an integer")]),
    ({"items": None}, [("items", "should be an array")]),
    ({"items": [5]}, [("items[0]", "should be an object")]),
    ({"items": [{}]}, [("items[0].name", "required"), ("items[0].price", "required")]),
    ({"items": [{"name": "a", "price": "1"}]}, [("items[0].price", "should be a number")]),
    ({"items": [{"name": "a", "price": 1, "colour": "blue"}]},
     [("items[0].colour", "should be one of red, 1")]),
    ({"paid": 1}, [("paid", "should be a boolean")]),
    ({"due": "2020-02-30"}, [("due", "should be a date")]),
    ({"due": "9" * 10_000}, [("due", "should be a date")]),
    ({"tags": [[]]}, [("tags[0]", "should be a string")]),
    ({"kind": True}, [("kind", "should be one of new, old, 3")]),
    ({"extra": {"a\nb": "x"}}, [("extra.a b", "should be an integer")]),
    ({"extra": {"k" * 500: "x"}}, [(f"extra.{'k' * 97}...", "should be an integer")]),
    ({"point": [1]}, [("point", "length should be 2")]),
    ({"point": [1, "2"]}, [("point[1]", "should be an integer")]),
    ({"either": "x"}, [("either", "should be one of int, list")]),
    ({"mail": "a@b"}, [("mail", "should be an email")]),
    ({"count": 10}, [("count", "should smaller than 9")]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), WRONG)
def test_an_error_names_the_path_of_its_field(
    data: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(HttpError) as error:
        check(Order, {"id": 1, "items": [], **data})
    errors: Any = error.value.errors
    assert [(each["field"], each["message"]) for each in errors] == expected
    assert error.value.status == 422


def test_a_typed_dict_knows_its_optional_keys() -> None:
    """Also under `from __future__ import annotations`, which hides them from Python 3.11."""
    assert check(Address, {"street": "x", "more": 1}) == {"street": "x"}
    assert check(Address, {"street": "x", "zip": "1"}) == {"street": "x", "zip": "1"}
    with pytest.raises(HttpError):
        check(Address, {"zip": "1"})


def test_an_annotation_needs_no_class() -> None:
    assert check(list[Address], [{"street": "x"}]) == [{"street": "x"}]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (int, "5", 5),
        (float, "1.5", 1.5),
        (bool, "on", True),
        (str, 5, "5"),
        (Colour, "1", Colour.ONE),
        (Literal[3, "x"], "3", 3),
        (datetime, "2020-01-02T03:04:05", datetime(2020, 1, 2, 3, 4, 5)),
        (Decimal, "1.10", Decimal("1.10")),
        (Decimal, 1.5, Decimal("1.5")),
        (UUID, "12345678123456781234567812345678", UUID("12345678123456781234567812345678")),
    ],
)
def test_text_of_a_form_is_converted(kind: Any, text: object, expected: object) -> None:
    value = check(kind, text, convert=True)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, "5"), (int, 1.5), (float, float("nan")), (float, 10**400), (Decimal, "1e999999999"),
        (Decimal, float("inf")), (Decimal, "9" * 500), (UUID, "x"), (str, None),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(kind: Any, value: object) -> None:
    with pytest.raises((HttpError, RuleError)):
        check(kind, value)


def test_deep_data_of_a_recursive_class_is_refused() -> None:
    """The limit is 64 levels."""
    data: dict[str, Any] = {"children": []}
    for _ in range(900):
        data = {"children": [data]}
    with pytest.raises(HttpError) as error:
        check(Tree, data)
    errors: Any = error.value.errors
    assert errors[0]["message"] == "is nested too deeply"
    assert check(Tree, {"children": [{"children": []}]}) == Tree([Tree([])])


def test_a_class_refuses_values_by_value_error() -> None:
    """Its message is sent, without the value of a secret field."""
    with pytest.raises(HttpError) as error:
        check(Range, {"low": -1, "password": "hush-hush"})
    assert error.value.errors == [
        {"code": "invalid", "field": "", "message": "low is below 0, with '***'"}
    ]


@dataclass
class Unknown:
    call: type[int]


@dataclass
class Missing:
    item: Nowhere  # type: ignore[name-defined]  # noqa: F821


@dataclass
class Misspelt:
    password: str
    again: Annotated[str, {"type": "password", "compare": "pasword"}]


@pytest.mark.parametrize(
    ("model", "line"),
    [
        (Unknown, "call: type cannot be checked"),
        (Missing, "Missing: name 'Nowhere' is not defined"),
        (dict[int, str], "keys of type int (JSON objects have text as keys)"),
        (complex, "complex cannot be checked"),
        (None, "None is neither rules nor a class"),
        ("Order", "'Order' is neither rules nor a class"),
        (Misspelt, "again: compare: 'pasword' is not a field (did you mean 'password'?)"),
        (Annotated[int, "nubmer"], "unknown type 'nubmer' (did you mean 'number'?)"),
    ],
)
def test_a_wrong_class_is_one_line_with_its_place(model: object, line: str) -> None:
    with pytest.raises(RuleError) as error:
        check(model, {})
    assert error.value.line.startswith(f"{check.__code__.co_filename}:")
    assert line in error.value.line


@dataclass
class Left:
    child: Left | Right | None
    leaf: int = 0


@dataclass
class Right:
    child: Left | Right | None
    note: str = ""
    leaf: int = 0


@dataclass
class Account:
    password: Annotated[str, {"type": "password", "trim": True}]
    again: Annotated[str, {"type": "password", "trim": True, "compare": "password"}]


@dataclass
class Family:
    parent: Account
    child: Account | None = None


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        ({"password": "secret1", "again": "secret1"}, {}),
        ({"password": " secret1", "again": "secret1 "}, {}),
        ({"password": "secret1", "again": "secret2"}, {"again": "should equal to password"}),
        ({"again": "secret1"}, {"password": "required", "again": "should equal to password"}),
    ],
)
def test_a_field_of_a_class_is_compared_with_another(
    data: dict[str, str], problems: dict[str, str]
) -> None:
    """Each object has its own fields, also within another one and in a union."""
    if problems:
        with pytest.raises(InvalidParamError) as error:
            check(Account, data)
        assert error.value.messages == problems
    else:
        assert check(Account, data) == Account("secret1", "secret1")
        family = check(Family, {"parent": data, "child": data})
        assert family.child == Account("secret1", "secret1")


def test_unions_within_unions_end_early() -> None:
    """Each level doubles the types to try; a small body would keep a worker busy for hours."""
    data: dict[str, object] = {"child": None, "leaf": "wrong"}
    for _ in range(40):
        data = {"child": data}
    with pytest.raises(HttpError) as caught:
        check(Left, data)
    errors = caught.value.errors
    assert caught.value.status == 422
    assert isinstance(errors, list)
    assert len(errors) == 1
