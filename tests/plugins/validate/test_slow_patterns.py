"""Patterns of an app that need exponential time for some texts."""

from __future__ import annotations

import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
import uvloop

from eggd.plugins.validate.errors import InvalidParamError
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.timed import is_quick
from eggd.plugins.validate.validator import Validator
from tests.plugins.validate.models import check

SLOW = r"(a+)+$"
TEXT = "a" * 60 + "!"
BOUND = 5.0
"""Seconds; without the limit each case needs longer than the universe has existed."""


@dataclass
class Form:
    name: Annotated[str, {"type": "string", "format": SLOW}]


def _added() -> Validator:
    validator = Validator(ValidateConfig())
    validator.add_rule("slow", re.compile(SLOW))
    return validator


@pytest.mark.parametrize(
    ("rules", "data", "count"),
    [
        ({"v": {"type": "string", "format": SLOW}}, {"v": TEXT}, 1),
        ({"v": re.compile(SLOW)}, {"v": TEXT}, 1),
        ({"v": "slow"}, {"v": TEXT}, 1),
        ({"v": {"type": "array", "item_type": re.compile(SLOW)}}, {"v": [TEXT] * 100}, 100),
        ({"v": {"type": "array", "item_type": "slow"}}, {"v": [TEXT] * 1000}, 100),
    ],
)
def test_a_text_that_takes_too_long_is_refused(rules: Any, data: Any, count: int) -> None:
    """The texts of one request share the time; the message names the pattern, not the text."""
    validator = _added()
    began = time.process_time()
    seen = [validator.validate(rules, data) for _ in range(22)]
    assert time.process_time() - began < BOUND
    errors = seen[-1] or []
    assert (seen, len(errors)) == ([errors] * 22, count)
    assert {error["message"] for error in errors} == {"takes too long to match /(a+)+$/"}
    assert validator.validate({"v": re.compile(SLOW)}, {"v": "aaa"}) is None


def test_the_field_of_a_class_is_refused() -> None:
    with pytest.raises(InvalidParamError) as error:
        check(Form, {"name": TEXT})
    assert error.value.messages == {"name": "takes too long to match /(a+)+$/"}
    assert check(Form, {"name": "aaa"}) == Form("aaa")


def test_the_loop_goes_on() -> None:
    """The timer has ended, and a late signal does nothing."""
    loop = uvloop.new_event_loop()

    async def validate() -> object:
        errors = _added().validate({"v": "slow"}, {"v": TEXT})
        signal.raise_signal(signal.SIGVTALRM)
        return errors

    try:
        for _ in range(3):
            assert loop.run_until_complete(validate()) is not None
    finally:
        loop.close()
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0


def test_another_thread_has_no_limit() -> None:
    with ThreadPoolExecutor(1) as threads:
        rules, data = {"v": re.compile(SLOW)}, {"v": "aaa!"}
        errors = threads.submit(Validator(ValidateConfig()).validate, rules, data).result()
    assert errors == [{"code": "invalid", "field": "v", "message": "should match /(a+)+$/"}]


@pytest.mark.parametrize(
    ("pattern", "quick"),
    [
        (r"[a-z0-9-]+", True),
        (r"\d{4}-\d{2}", True),
        (r"a|b", True),
        (r"a*", True),
        (r"a?a?", False),
        (r"a*a*", False),
        (r"a{1,9}a*", False),
        (r"(a|a){30}", False),
        (r"(a*)\1", False),
        (r"(?P<x>a)(?P=x)", False),
        (r"(a+)+", False),
    ],
)
def test_only_patterns_that_may_be_slow_are_timed(pattern: str, quick: bool) -> None:
    assert is_quick(re.compile(pattern)) is quick
