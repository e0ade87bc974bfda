"""The function of rules that are used often does what the rules do one by one."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from eggd.plugins.validate import patterns
from eggd.plugins.validate.compiler import Compiler
from eggd.plugins.validate.fields import Fields
from eggd.plugins.validate.messages import english
from eggd.plugins.validate.run import EnoughError, Problem, Run
from eggd.plugins.validate.section import ValidateConfig

TYPES = ("int", "number", "string", "bool", "id", "email", "url", "date", "dateTime", "password")
RULES: list[Any] = [
    *TYPES,
    *(f"{kind}?" for kind in TYPES),
    *({"type": kind, "trim": True, "allow_empty": True} for kind in ("string", "email", "id")),
    {"type": "string", "required": False, "default": "x", "max": 3},
    {"type": "string", "min": 2, "max": 4},
    {"type": "string", "min": 2, "allow_empty": True, "widely_undefined": True},
    {"type": "int", "min": 5},
    {"type": "int", "max": 5.5},
    {"type": "int", "min": -1, "max": 5},
    {"type": "number", "min": 0.5, "max": float("inf")},
    {"type": "number", "min": -(10**400), "max": 10**400},
    {"type": "int", "convert_type": "string"},
    {"type": "string", "convert_type": "int"},
    {"type": "string", "convert_type": str.upper},
    {"type": "password", "min": 8, "compare": "w"},
    {"type": "password", "compare": "w", "trim": True},
    {"type": "enum", "values": ["a", " b ", "", 1, True, 2.5, None], "trim": True},
    ["a", " b ", "", 1, 2.0, None],
    [True],
    re.compile("[ab]+"),
    {"type": "string", "format": "(?:ab)*", "max": 6},
    {"type": "array", "item_type": "int"},
    {"type": "array", "item_type": "object", "rule": {"v": "int", "w": "string?"}},
    {"type": "object", "rule": {"v": {"type": "string", "trim": True}, "w": ["x"]}},
]


class Text(str):
    """A text of another class."""


VALUES: list[Any] = [
    None, "", " ", "a", " a ", " b ", "ab", "abab", "ababab", "abababab", Text("ab"), "5", " 5",
    "x\n", "secret-secret", "secret-secret ", "short", "a@b.com", "a.@b.com", "http://b.com/x",
    "ftp://1.2.3.4", "http://127.0.0.1", "2020-01-31", "2020-01-31 10:20:30", "2020-01-31\n",
    "true", "on", "é", "1e3", True, False, 0, 1, 5, 6, -1, 0.5, 1.0, 2.0, 2.5, -0.0,
    10**400, -(10**400), 1e308,    float("nan"), float("inf"), float("-inf"),
    [], [1, "2", None], [{"v": 1, "z": 1}, {"v": "1"}, 5], {},
    {"v": " a ", "w": "x", "z": 1}, {"v": "a", "w": "y"},
]  # fmt: skip
OTHERS = ("absent", "secret-secret", "ab", 5)
"""Values of the field beside it."""


def data() -> Iterator[dict[str, object]]:
    yield {}
    for value in VALUES:
        for other in OTHERS:
            yield {"v": value} if other == "absent" else {"w": other, "z": 1, "v": value}


def outcome(fields: Fields, given: dict[str, Any], config: ValidateConfig) -> list[object]:
    """Returns the errors, the data after the check, and the picked fields."""
    run = Run(config, english, config.convert)
    picked = None
    try:
        picked = fields.check(given, run, "") or fields.pick(given)
    except EnoughError:
        pass
    errors: list[Problem] = run.errors
    return [errors, described(given), described(picked) if not errors else None]


def described(value: object) -> str:
    """Returns a text that tells 1 from True and 1.0; the order of a dict does count."""
    return repr(value)


@pytest.mark.parametrize("convert", [False, True])
@pytest.mark.parametrize("widely", [False, True])
def test_each_value_has_the_same_result(convert: bool, widely: bool) -> None:
    """Errors, converted values and defaults, and the fields that are returned."""
    config = ValidateConfig(convert=convert, widely_undefined=widely)
    for rule in RULES:
        rules = {"v": rule, "w": "string?"}
        often, once = used_often(rules, config), one_by_one(rules, config)
        for given in data():
            expected = outcome(once, copy.deepcopy(given), config)
            assert outcome(often, copy.deepcopy(given), config) == expected, (rule, given)


def used_often(rules: Any, config: ValidateConfig) -> Fields:
    fields = Compiler(config, {}).fields(rules, "", convert=config.convert)
    for _ in range(30):
        outcome(fields, {}, config)
    assert fields.function is not None
    return fields


def one_by_one(rules: Any, config: ValidateConfig) -> Fields:
    fields = Compiler(config, {}).fields(rules, "", convert=config.convert)
    fields._checks = 1000  # past the number at which they become a function
    return fields


def test_fields_are_checked_in_the_order_of_their_rules() -> None:
    """An earlier field is trimmed before a later one is compared with it."""
    random = Random(5)
    config = ValidateConfig(max_errors=3)
    for _ in range(200):
        names = random.sample("abcdefgh", 8)
        rules = {name: random.choice(RULES) for name in names}
        rules["w"] = {"type": "string", "trim": True}
        rules["p"] = {"type": "password", "compare": "w"}
        often, once = used_often(rules, config), one_by_one(rules, config)
        given = {name: random.choice(VALUES) for name in [*names, "w", "p"]}
        expected = outcome(once, copy.deepcopy(given), config)
        assert outcome(often, copy.deepcopy(given), config) == expected, (rules, given)


def test_names_of_fields_are_never_code() -> None:
    config = ValidateConfig()
    name = "'); raise SystemExit('\n\ud800\\"
    often = used_often({name: "int"}, config)
    assert outcome(often, {name: 5}, config) == [[], repr({name: 5}), repr({name: 5})]


def test_many_fields_are_checked_one_by_one() -> None:
    """Compiling thousands of fields would hold up the loop."""
    config = ValidateConfig()
    fields = Compiler(config, {}).fields({f"v{n}": "int" for n in range(51)}, "", convert=False)
    for _ in range(30):
        outcome(fields, {}, config)
    assert fields.function is None


@pytest.mark.parametrize(
    "text", ["a.@b.com", "a@b-.com", "a@-b.com", "a@b", "a@b.", "@b.com", "a@b..com", "a@b.com-"]
)
def test_every_part_of_an_email_is_whole(text: str) -> None:
    """A possessive group leaves behind the start of an item in Python 3.11.2 (gh-106052)."""
    assert patterns.EMAIL.fullmatch(text) is None


@pytest.mark.parametrize(
    "host",
    ["b-.com", "-b.com", "b", "b.", "b..com", "b.com2", "1.2.3", "1.2.3.4.", "b.c-m", "0.1.2.3"],
)
def test_every_part_of_a_host_is_whole(host: str) -> None:
    assert patterns.URL.fullmatch(f"http://{host}/") is None
