"""Rules made at random: each works, or is one line."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from typing import Any

import pytest

from eggd.plugins.validate.errors import RuleError
from eggd.plugins.validate.options import COMMON, SHAPES
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.validator import Validator

OPTIONS = sorted({*COMMON, *(name for shape in SHAPES.values() for name in shape.options)})
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 5.5, float("nan"), float("inf"), 10**30, 10**5000, "", "x", "int",
    "int?", "?", "(", "[a-z]+", "(a+)+$", "a{1,99999999999}", "(?P<a>x)(?P<a>y)", "x\ny", "\ud800",
    "a" * 10_000, b"x", [], ["a"], [[1]], [None], (1,), {}, {"a": "int"}, {"a": 5}, {5: "x"},
    {"required": "r"}, {"required": 5}, {1, 2}, frozenset("a"), range(5), date(2020, 1, 1),
    object(), re.compile("a"), re.compile(b"a"), len, int, lambda: 1, lambda value: value,
]  # fmt: skip
DATA: list[Any] = [
    None, "", "x", "5", "a@b.c", "2020-01-01", "\ud800", "a" * 40 + "!", 1, 1.5, True, float("nan"),
    10**400, [], [1, "a", None], [[{}]], {}, {"a": 1}, b"x",
]  # fmt: skip


def spec(random: Random, depth: int = 0) -> Any:
    """Returns a rule that is often wrong."""
    if random.random() < 0.15:
        return random.choice(VALUES)
    rule: dict[str, Any] = {"type": random.choice(list(SHAPES)) + random.choice(["", "", "?"])}
    for _ in range(random.randrange(3)):
        name = random.choice(OPTIONS)
        rule[name] = random.choice(VALUES)
        if name == "rule" and depth < 3:
            rule[name] = {"a": spec(random, depth + 1)}
        if name == "item_type":
            rule[name] = random.choice(list(SHAPES))
    return rule


def line(rules: Any, random: Random) -> str:
    """Returns the error of rules, "" if they work; after 20 checks they are one function."""
    validator = Validator(ValidateConfig())
    try:
        for number in range(22):
            validator.validate(rules, {"v": random.choice(DATA)}, convert=number % 2 == 0)
    except RuleError as exc:
        return exc.line
    return ""


@pytest.mark.parametrize("seed", range(10))
def test_a_rule_works_or_is_one_line(seed: int) -> None:
    random = Random(seed)
    lines = [line({"v": spec(random)}, random) for _ in range(300)]
    assert [each for each in lines if "\n" in each or len(each) > 1000] == []
    assert 50 < lines.count("") < 250
