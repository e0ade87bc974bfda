"""Wrong rules, patterns, types of an app, and the cache of rules."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from eggd import ConfigError, EggError
from eggd.plugins.validate.errors import RuleError
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.validator import Validator

DEEP: dict[str, Any] = {"type": "object"}
DEEP["rule"] = {"a": DEEP}


def even(_rule: dict[str, object], value: object) -> str | None:
    return None if isinstance(value, int) and value % 2 == 0 else "should be even"


async def later(_rule: object, _value: object) -> None:
    """A check that cannot be called."""


class Unprintable:
    """A value whose repr fails."""

    def __repr__(self) -> str:
        raise RuntimeError


MISTAKES: list[tuple[Any, str]] = [
    ({"v": "nubmer"}, "v: unknown type 'nubmer' (did you mean 'number'?)"),
    ({"v": {"min": 1}}, "v: the rule has no type (types: number"),
    ({"v": {"type": "int", "mim": 1}}, "option 'mim' of type 'int' (did you mean 'min'?)"),
    ({"v": {"type": "string", "allowEmpty": True}}, "(did you mean 'allow_empty'?)"),
    ({"v": {"type": "array", "itemType": "int"}}, "(did you mean 'item_type'?)"),
    ({"v": {"type": "int", "min": 5, "max": 3}}, "v: min 5 is above max 3 (no value fits)"),
    ({"v": {"type": "int", "min": "5"}}, "v: min must be a number, not '5'"),
    ({"v": {"type": "string", "max": -1}}, "v: max must be a length of 0 or more, not -1"),
    ({"v": {"type": "string", "max": 1.5}}, "v: max must be a length"),
    ({"v": {"type": "string", "format": "("}}, "v: format '(' is not a regular expression:"),
    ({"v": {"type": "string", "format": 5}}, "v: format must be a regular expression, not 5"),
    ({"v": {"type": "string", "required": "no"}}, "v: required must be True or False, not 'no'"),
    ({"v": {"type": "int", "default": 5}}, "v: default has no effect: the field is required"),
    ({"v": {"type": "int?", "required": True}}, "v: type 'int?' is optional, but required is True"),
    ({"v": {"type": "enum"}}, "v: values must be a list of the allowed values, not None"),
    ({"v": {"type": "enum", "values": [[1]]}}, "v: values may be text, numbers and booleans"),
    ({"v": {"type": "array", "rule": {"a": "int"}}}, "v[]: rule has no effect without item_type"),
    ({"v": {"type": "array", "item_type": "itn"}}, "v[]: unknown type 'itn'"),
    ({"v": {"type": "object", "rule": "int"}}, "v: must be a dict of rules, not 'int'"),
    ({"v": {"type": "object", "rule": {"a": "x"}}}, "v.a: unknown type 'x'"),
    ({"v": {"type": "int", "convert_type": "itn"}}, "v: unknown convert_type 'itn' (did you mean"),
    ({"v": {"type": "int", "convert_type": 5}}, "v: convert_type must be a name or a function"),
    ({"v": {"type": "int", "message": {"maxx": ""}}}, "message 'maxx' of type 'int' (did you mean"),
    ({"v": {"type": "int", "message": 5}}, "v: message must be text, or a dict of texts, not 5"),
    ({"v": 5}, "v: 5 is not a rule (a dict, the name of a type"),
    ({"v": int}, "v: the class int is not a rule (a dict, the name of a type"),
    ({5: "int"}, "rules: the name 5 of a field is not text"),
    ({"v": DEEP}, "rules are nested too deeply"),
    ({"v": {"type": "password", "compare": 5}}, "v: compare must be a field's name, not 5"),
    ({"v": {"type": "password", "compare": "pas"}, "pass": "string"}, "(did you mean 'pass'?)"),
    ({"v": {"type": "int", "max": 10**5000}}, "v: max must be a number, not <int>"),
    ({"v": [10**5000]}, "v: values may be text, numbers and booleans, not <int>"),
    ({"v": Unprintable()}, "v: <Unprintable> is not a rule"),
    ({"v": {"type": Unprintable()}}, "v: unknown type <Unprintable>"),
    ({"v": "x" * 10_000}, "v: unknown type 'xxxxxxxx"),
    ({"v": {"type": "string", "trim": "x\ny" * 1000}}, "v: trim must be True or False, not 'x\\ny"),
    ({"v": {"type": "string", "format": "a{1,99999999999}"}}, "is not a regular expression:"),
    ({"v": {"type": "int", "convert_type": lambda: 5}}, "v: convert_type: too many positional"),
]


@pytest.mark.parametrize(("rules", "line"), MISTAKES)
def test_a_wrong_rule_is_one_line_with_its_place(rules: Any, line: str) -> None:
    """At the first use, even if the data has no such field."""
    with pytest.raises(RuleError) as error:
        Validator(ValidateConfig()).validate(rules, {})
    assert error.value.line.startswith(f"{__file__}:")
    assert line in error.value.line
    assert "\n" not in error.value.line


@pytest.mark.parametrize(
    "text",
    ["a@b.com\n", "http://x.com\n", "javascript:alert(1)", "//u:p@h.com", "http://", "://x.de"],
)
@pytest.mark.parametrize("kind", ["email", "url"])
def test_a_line_break_or_a_missing_scheme_is_refused(kind: str, text: str) -> None:
    """`$` also matches before a final line break (known:KW-78)."""
    assert Validator(ValidateConfig()).validate({"v": kind}, {"v": text})


@pytest.mark.parametrize("given", [r"^\d+$", re.compile(r"^\d+$"), re.compile(r"\d")])
def test_a_format_must_match_the_whole_text(given: Any) -> None:
    validator = Validator(ValidateConfig())
    rules = {"v": {"type": "string", "format": given}}
    assert validator.validate(rules, {"v": "5"}) is None
    assert validator.validate(rules, {"v": "5\n"})
    assert validator.validate(rules, {"v": "a5"})


def test_digits_of_a_format_in_text_are_those_of_ascii() -> None:
    rules = {"v": {"type": "string", "format": r"\d"}}
    assert Validator(ValidateConfig()).validate(rules, {"v": "\u0663"})


HOSTILE = ['"' + "a" * 50_000, "a" * 50_000, "a." * 25_000, "a-" * 25_000, "a@" + "a-" * 25_000,
           "http://" + "a-" * 25_000, "http://" + "a." * 25_000, "http://" + "a:" * 25_000,
           "http://a.com/" + "@" * 25_000, "0" * 50_000, " " * 50_000, "é" * 50_000]  # fmt: skip


@pytest.mark.parametrize("kind", ["email", "url", "id", "date", "dateTime", "password", "string"])
def test_a_long_text_is_judged_in_linear_time(kind: str) -> None:
    """Each text of 50 kB takes less than 50 ms of processor time (known:KW-79)."""
    validator = Validator(ValidateConfig(convert=True))
    for text in HOSTILE:
        begin = time.process_time()
        validator.validate({"v": {"type": kind, "trim": True}}, {"v": text})
        assert time.process_time() - begin < 0.05, text[:20]


def test_a_format_never_runs_on_a_text_above_its_limit() -> None:
    """`(a+)+$` needs exponential time: `max` bounds it, else 1,000 characters."""
    slow = re.compile(r"(a+)+b")
    validator = Validator(ValidateConfig())
    text = "a" * 1001
    [error] = validator.validate({"v": {"type": "string", "format": slow}}, {"v": text}) or []
    assert error["message"] == "length should smaller than 1000"
    rules = {"v": {"type": "string", "format": slow, "max": 10}}
    [error] = validator.validate(rules, {"v": "a" * 30}) or []
    assert error["message"] == "length should smaller than 10"
    validator.add_rule("slow", slow)
    [error] = validator.validate({"v": "slow"}, {"v": text}) or []
    assert error["message"] == "length should smaller than 1000"


def test_the_number_of_errors_is_limited() -> None:
    rules = {"v": {"type": "array", "item_type": "int"}}
    data = {"v": ["x"] * 50_000}
    errors = Validator(ValidateConfig()).validate(rules, data) or []
    assert [error["field"] for error in errors] == [f"v[{n}]" for n in range(100)]
    assert len(Validator(ValidateConfig(max_errors=3)).validate(rules, data) or []) == 3


@pytest.mark.parametrize(
    ("function", "line"),
    [
        (later, "validate.translate is async (define it: def translate(ctx, text, *values))"),
        (even, "validate.translate: too many positional arguments (define it: def"),
    ],
)
def test_a_translator_that_cannot_be_called_is_refused(function: Any, line: str) -> None:
    with pytest.raises(ConfigError) as error:
        ValidateConfig(translate=function)
    assert line in error.value.line


def test_a_message_is_short() -> None:
    values = [f"value-{n}" for n in range(1000)]
    [error] = Validator(ValidateConfig()).validate({"v": values}, {"v": "x"}) or []
    assert error["message"].endswith("...")
    assert len(error["message"]) < 330


def test_true_is_not_one() -> None:
    validator = Validator(ValidateConfig())
    assert validator.validate({"v": [1, 2]}, {"v": True})
    assert validator.validate({"v": [True]}, {"v": 1})
    assert validator.validate({"v": [1]}, {"v": 1.0}) is None


def test_an_app_adds_types() -> None:
    """A function of rule and value, of the data too, or a regular expression."""
    validator = Validator(ValidateConfig(convert=True))
    validator.add_rule("even", even, convert_type="int")
    validator.add_rule("slug", re.compile("[a-z-]+"))
    validator.add_rule(
        "same", lambda rule, value, data: None if value == data[rule["as"]] else "differs"
    )
    validator.add_rule(
        "list", lambda _rule, _value: [{"field": "x", "message": "no", "code": "bad"}]
    )
    rules = {"n": "even", "s": "slug?", "t": {"type": "same", "as": "s"}, "l": "list?"}
    data: dict[str, object] = {"n": "4", "s": "a-b", "t": "a-b"}
    assert validator.validate(rules, data) is None
    assert data["n"] == 4
    errors = validator.validate(rules, {"n": 3, "s": "a-b\n", "t": 1, "l": 1})
    assert [(error["field"], error["message"]) for error in errors or []] == [
        ("n", "should be even"),
        ("s", "should match /[a-z-]+/"),
        ("t", "differs"),
        ("l.x", "no"),
    ]


def test_a_type_that_is_replaced_is_compiled_again() -> None:
    validator = Validator(ValidateConfig())
    rules = {"v": "email"}
    assert validator.validate(rules, {"v": "x"})
    validator.add_rule("email", lambda _rule, _value: None)
    assert validator.validate(rules, {"v": "x"}) is None


@pytest.mark.parametrize(
    ("name", "check", "line"),
    [
        ("x", 5, "the check must be a function or a pattern"),
        ("x", later, "the check must not be async"),
        ("x", lambda: None, "the check() must take 2 arguments"),
        ("x?", even, "is not the name of a type"),
        ("", even, "is not the name of a type"),
    ],
)
def test_a_wrong_type_is_one_line(name: str, check: Any, line: str) -> None:
    with pytest.raises(RuleError) as error:
        Validator(ValidateConfig()).add_rule(name, check)
    assert line in error.value.line


def test_a_type_is_not_replaced_by_mistake() -> None:
    with pytest.raises(RuleError, match="'email' exists already"):
        Validator(ValidateConfig()).add_rule("email", even, override=False)


def test_a_check_that_returns_something_else_is_an_error() -> None:
    validator = Validator(ValidateConfig())
    validator.add_rule("x", lambda _rule, _value: False)
    with pytest.raises(EggError, match="the check of type 'x' returned False"):
        validator.validate({"v": "x"}, {"v": 1})


def test_rules_are_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By identity, and by the place of the call for rules that are written in a handler."""
    validator = Validator(ValidateConfig())
    compiled: list[object] = []
    fields = validator._compiler.fields

    def count(rules: object, where: str, **options: Any) -> Any:
        compiled.append(rules)
        return fields(rules, where, **options)

    monkeypatch.setattr(validator._compiler, "fields", count)
    for _ in range(5):
        validator.validate({"v": {"type": "int", "min": 1}}, {"v": 1})
    assert len(compiled) == 1
    rules: dict[str, Any] = {"v": {"type": "int"}}
    for _ in range(5):
        validator.validate(rules, {"v": 1})
    assert len(compiled) == 2
    rules["v"]["min"] = 5
    assert validator.validate(rules, {"v": 1})
    assert len(compiled) == 3


def test_the_cache_is_bounded() -> None:
    validator = Validator(ValidateConfig())
    for n in range(2000):
        validator.validate({f"v{n}": "int"}, {f"v{n}": 1})
    assert len(validator._cache._entries) <= 512


def test_a_default_is_a_new_object() -> None:
    validator = Validator(ValidateConfig())
    rules = {"v": {"type": "array", "required": False, "default": []}}
    one: dict[str, Any] = {}
    other: dict[str, Any] = {}
    validator.validate(rules, one)
    validator.validate(rules, other)
    one["v"].append(1)
    assert other == {"v": []}
