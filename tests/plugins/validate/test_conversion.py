"""Conversions, value by value (known:KW-79): text that is ambiguous is refused, never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from eggd.plugins.validate.errors import RuleError
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.validator import Validator

WRONG = object()
INT = "should be an integer"

TABLE: list[tuple[str, Any, Any]] = [
    ("int", "5", 5), ("int", " +5\n", 5), ("int", "-05", -5), ("int", "9" * 60, int("9" * 60)),
    ("int", 5.0, 5), ("int", "", WRONG), ("int", "5x", WRONG), ("int", "5.0", WRONG),
    ("int", "0x10", WRONG), ("int", "1e3", WRONG), ("int", "1_000", WRONG), ("int", "٣", WRONG),
    ("int", "9" * 5000, WRONG), ("int", True, WRONG), ("int", 5.5, WRONG), ("int", [5], WRONG),
    ("int", "Infinity", WRONG), ("int", "NaN", WRONG),
    ("number", "5", 5), ("number", "-.5", -0.5), ("number", "1e3", 1000.0), ("number", "5.", 5.0),
    ("number", "", WRONG), ("number", "inf", WRONG), ("number", "nan", WRONG),
    ("number", "1_0", WRONG), ("number", "1e999", WRONG), ("number", float("nan"), WRONG),
    ("number", float("inf"), WRONG), ("number", 10**400, 10**400), ("number", True, WRONG),
    ("bool", "true", True), ("bool", "ON", True), ("bool", "1", True), ("bool", 1, True),
    ("bool", "false", False), ("bool", "off", False), ("bool", "0", False), ("bool", "", False),
    ("bool", 0, False), ("bool", "yes!", WRONG), ("bool", 2, WRONG), ("bool", "x" * 99999, WRONG),
    ("string", 5, "5"), ("string", 5.0, "5"), ("string", 1.5, "1.5"), ("string", True, "true"),
    ("string", float("nan"), WRONG), ("string", 10**5000, WRONG), ("string", ["a@b.com"], WRONG),
    ("email", ["a@b.com"], WRONG), ("id", 12, "12"), ("url", {}, WRONG),
]  # fmt: skip


@pytest.mark.parametrize("case", TABLE, ids=[f"{row[0]}-{n}" for n, row in enumerate(TABLE)])
def test_each_value_is_converted_or_refused(case: tuple[str, Any, Any]) -> None:
    kind, value, expected = case
    data = {"v": value}
    errors = Validator(ValidateConfig(convert=True)).validate({"v": kind}, data)
    if expected is WRONG:
        assert errors is not None
        assert errors[0]["code"] == "invalid"
        return
    assert errors is None
    assert (data["v"], type(data["v"])) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "value"), [("int", "5"), ("number", "5"), ("bool", "true"), ("bool", 1), ("string", 5)]
)
def test_without_convert_types_are_exact(kind: str, value: Any) -> None:
    data = {"v": value}
    assert Validator(ValidateConfig()).validate({"v": kind}, data)
    assert data == {"v": value}


def test_a_rule_names_its_conversion() -> None:
    """A function may raise ValueError for what it cannot read."""
    rules = {
        "age": {"type": "int", "convert_type": "int"},
        "tags": {"type": "array", "convert_type": lambda text: text.split(",")},
        "low": {"type": "string", "convert_type": str.lower},
        "hex": {"type": "int", "convert_type": lambda text: int(text, 16)},
    }
    validator = Validator(ValidateConfig())
    data: dict[str, object] = {"age": "7", "tags": "a,b", "low": "X", "hex": "ff"}
    assert validator.validate(rules, data) is None
    assert data == {"age": 7, "tags": ["a", "b"], "low": "x", "hex": 255}
    [error] = validator.validate(rules, {**data, "age": "7", "hex": "fg"}) or []
    assert error == {"code": "invalid", "field": "hex", "message": INT}
    errors = validator.validate(rules, {"age": "7", "tags": 5, "low": True, "hex": "ff"}) or []
    assert [each["field"] for each in errors] == ["tags", "low"]


def test_items_are_converted_too() -> None:
    data: dict[str, object] = {"ids": ["1", "2"]}
    rules = {"ids": {"type": "array", "item_type": "int"}}
    assert Validator(ValidateConfig(convert=True)).validate(rules, data) is None
    assert data == {"ids": [1, 2]}


@pytest.mark.parametrize("convert", ["x", 1, {"type": "int"}])
def test_convert_is_a_bool(convert: Any) -> None:
    with pytest.raises(RuleError, match="convert must be True, False or None, not ") as caught:
        Validator(ValidateConfig()).validate({"v": "int"}, {"v": "5"}, convert=convert)
    assert "convert_type" in caught.value.line
