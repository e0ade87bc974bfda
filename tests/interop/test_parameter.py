"""Rules and npm's `parameter`, which egg-validate uses: the same rules and values go to both.

A difference has its reason here; any other one is a fault.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eggd.plugins.validate.errors import RuleError
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.validator import Validator

HERE = Path(__file__).parent
SNAKE = re.compile(r"_([a-z])")
Case = dict[str, Any]
Parameter = Callable[[list[Case]], list[Case]]

VALUES: list[Any] = [
    "", " ", "a", "abc", "1", "12", " 7 ", "1.5", "007", "-3", "true", "false", "2020-01-01",
    "2020-01-01 10:20:30", "2020-1-1", "a@b.com", "A.B+c@d-e.co.uk", "a@b", "a@-b.com", "a b@c.de",
    "a.@b.com", "a@b-.com",
    "http://a.com", "https://a.b-c.org:8080/x?y#z", "ftp://u:p@a.io/", "//a.com", "http://a",
    "http://10.1.1.1/", "http://8.8.8.8/x", "javascript:alert(1)", "http://a.com/ b", "http://ä.de",
    "a@b.com\n", "1\n", "2020-01-01\n", "secret1", "pass word", "\u0663", "\u212a@b.com", "x" * 300,
    0, 1, 5, -1, 2.5, 100, 1e21, True, False, None, [], ["a"], ["a", 1, None], {}, {"a": "x"},
]  # fmt: skip
"""Values for every rule, each as the field `v`."""

RULES: list[Any] = [
    "int", "integer", "number", "string", "id", "date", "dateTime", "datetime", "boolean", "bool",
    "array", "object", "email", "password", "url", "string?", "int?",
    {"type": "int", "min": 1, "max": 5}, {"type": "number", "min": 0.5, "max": 2.5},
    {"type": "string", "min": 2, "max": 5}, {"type": "string", "allow_empty": True},
    {"type": "string", "required": False}, {"type": "string", "trim": True},
    {"type": "string", "required": False, "allow_empty": False},
    {"type": "string?", "default": "d"},
    {"type": "id", "allow_empty": True}, {"type": "email", "allow_empty": True},
    {"type": "password", "min": 3, "max": 6}, {"type": "array", "min": 1, "max": 2},
    {"type": "array", "item_type": "string"}, {"type": "array", "item_type": "int", "max": 9},
    {"type": "array", "item_type": "string", "rule": {"type": "string", "allow_empty": True}},
    {"type": "object", "rule": {"a": "string"}}, {"type": "object", "rule": {"b": "int?"}},
    ["a", "1", 1, 5], {"type": "enum", "values": [True, 2.5, ""]},
    {"type": "int", "message": "not whole"}, {"type": "email", "message": "mail, please"},
    {"type": "string", "min": 2, "message": {"min": "too short", "required": "and here?"}},
    {"type": "int", "max": 3, "required": False, "default": 9, "message": {"max": "too big"}},
    {"type": "string", "convert_type": "string"}, {"type": "int?", "widely_undefined": True},
    {"type": "string", "format": {"$regexp": "^[a-z]+$"}},
]  # fmt: skip

NESTED: list[Case] = [
    {"rules": {"items": {
        "type": "array", "item_type": "object", "rule": {"n": "string", "p": "int"}}},
     "data": {"items": [{"n": "a", "p": 1}, {"n": 1}, {"p": "x", "n": "y"}]}},
    {"rules": {"a": {"type": "object", "rule": {"b": {"type": "object", "rule": {"c": "int"}}}}},
     "data": {"a": {"b": {"c": "x"}}}},
    {"rules": {"a": "string", "b": "int", "c": "bool"}, "data": {}},
    {"rules": {"p": "password", "q": {"type": "password", "compare": "p"}},
     "data": {"p": "secret", "q": "secrex"}},
    {"rules": {"p": "password", "q": {"type": "password", "compare": "p"}},
     "data": {"p": "secret", "q": "secret"}},
    {"rules": {"a": "string"}, "data": "x", "options": {"validate_root": True}},
    {"rules": {"a": "string"}, "data": "x"},
    {"rules": {"proto": "string", "constructor2": "int"}, "data": {"proto": 1}},
]  # fmt: skip

KEEN = ("int", "integer", "number", "bool", "boolean", "int?")
"""Types whose conversion in `parameter` makes 12 of "12px", 0 of "" and true of "false"; the values
that both convert alike follow (known:KW-79)."""
NUMBERS = ("1", "12", " 7 ", "-3", "007", "x", 0, 1, 5, -1, 100)
BOOLEANS = (0, 1)


def of_node(value: Any) -> Any:
    """Returns rules with the names that `parameter` has: camelCase."""
    if isinstance(value, dict):
        names = {key: SNAKE.sub(lambda m: m[1].upper(), key) for key in value}
        return {names[key]: of_node(each) for key, each in value.items()}
    return [of_node(each) for each in value] if isinstance(value, list) else value


def of_eggd(value: Any) -> Any:
    """Returns rules with compiled regular expressions."""
    if isinstance(value, dict):
        if "$regexp" in value:
            return re.compile(value["$regexp"], re.ASCII)
        return {key: of_eggd(each) for key, each in value.items()}
    return [of_eggd(each) for each in value] if isinstance(value, list) else value


def judged(case: Case, *, uses: int = 0) -> Case:
    """Returns the errors of eggd, and the data with its conversions.

    Rules that were used before, `uses` times, are a function.
    """
    data, rules = copy.deepcopy(case["data"]), of_eggd(case["rules"])
    validator = Validator(ValidateConfig(**case.get("options", {})))
    for _ in range(uses):
        validator.validate(rules, {})
    return {"errors": validator.validate(rules, data), "data": data}


@pytest.fixture(scope="session")
def parameter(packages: Path) -> Parameter:
    """Returns a function: what `parameter` makes of each case (parameter.mjs)."""

    def ask(cases: list[Case]) -> list[Case]:
        given = [
            {key: of_node(each) if key != "data" else each for key, each in case.items()}
            for case in cases
        ]
        command = ["node", str(HERE / "parameter.mjs"), str(packages)]
        done = subprocess.run(
            command, input=json.dumps(given), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answers: list[Case] = json.loads(done.stdout)
        return answers

    return ask


def cases_of(options: dict[str, Any]) -> list[Case]:
    """Returns every rule with every value, without those that differ on purpose."""
    return [
        {"rules": {"v": rule}, "data": {"v": value}, "options": options}
        for rule in RULES
        for value in VALUES
        if not _differs(rule, value, convert="convert" in options)
    ]


def _differs(rule: Any, value: Any, *, convert: bool) -> bool:
    kind = rule.get("type") if isinstance(rule, dict) else rule
    if kind == "object" and isinstance(value, list):
        return True  # an array is not an object
    if convert and kind == "array":
        return True  # items are converted, too
    if not convert or kind not in KEEN or value is None or isinstance(value, list | dict):
        return False
    if kind in ("bool", "boolean"):
        return value not in BOOLEANS
    return isinstance(value, bool) or value not in NUMBERS


def plain(value: Any) -> Any:
    """Returns data with 1 for 1.0, and with `true` apart from 1."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return (type(value) is bool, value)


@pytest.mark.parametrize("uses", [0, 30])
@pytest.mark.parametrize("options", [{}, {"convert": True}, {"widely_undefined": True}])
def test_the_errors_and_the_data_are_those_of_parameter(
    parameter: Parameter, options: dict[str, Any], uses: int
) -> None:
    """Converted data is compared if it is right: `parameter` leaves NaN in the other."""
    cases = cases_of(options)
    assert len(cases) > 1000
    for case, theirs in zip(cases, parameter(cases), strict=True):
        ours = judged(case, uses=uses)
        assert ours["errors"] == theirs["errors"], case
        if not (ours["errors"] and "convert" in options):
            assert plain(ours["data"]) == plain(theirs["data"]), case


def test_paths_of_nested_fields_are_those_of_parameter(parameter: Parameter) -> None:
    for case, theirs in zip(NESTED, parameter(NESTED), strict=True):
        ours = judged(case)
        assert (ours["errors"], ours["data"]) == (theirs["errors"], theirs["data"]), case


@pytest.mark.parametrize(
    ("rules", "data"),
    [
        ({"v": {"type": "array", "item_type": "object", "rule": {"a": "int"}}}, {"v": [None]}),
        ({"v": {"type": "enum"}}, {"v": 1}),
        ({"v": {}}, {"v": 1}),
        ({"v": "nubmer"}, {"v": 1}),
        ({"v": "string"}, None),
    ],
)
def test_what_parameter_throws_is_a_422_or_a_wrong_rule(
    parameter: Parameter, rules: Any, data: Any
) -> None:
    """There each is a TypeError, so an answer of 500 without a place."""
    case = {"rules": rules, "data": data}
    [theirs] = parameter([case])
    assert "TypeError" in theirs["thrown"]
    assert outcome(case) in ("422", "RuleError")


def outcome(case: Case) -> str:
    try:
        return "422" if judged(case)["errors"] else "valid"
    except RuleError:
        return "RuleError"
