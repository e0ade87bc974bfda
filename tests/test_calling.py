"""Calling functions of unknown shape."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps

import pytest

from eggd.calling import arity, call, mismatch


def test_a_result_is_awaited_if_it_can_be() -> None:
    async def later(number: int) -> int:
        return number

    assert asyncio.run(call(later, 1)) == 1
    assert asyncio.run(call(abs, -1)) == 1


@wraps(lambda one, two: None)
def _wrapper(*args: object) -> None: ...


class _Handler:
    def take(self, one: object, two: object = None) -> None: ...

    def take_any(*all: object) -> None: ...

    take_wrapped = wraps(lambda self, one: None)(_wrapper)

    @classmethod
    def take_class(cls, one: object) -> None: ...


@pytest.mark.parametrize(
    ("function", "count"),
    [
        (lambda: None, 0),
        (lambda one, two, three=3, *rest, key: None, 2),
        (_wrapper, 2),
        ([].append, 1),
        ("".join, 1),
        ({}.get, 1),
        (dict.fromkeys, 1),
        (abs, 1),
        (_Handler().take, 1),
        (_Handler().take_any, 0),
        (_Handler().take_wrapped, 1),
        (_Handler.take_class, 1),
        (_Handler.take, 2),
        (dict, None),
    ],
)
def test_arguments_without_a_default_are_needed(
    function: Callable[..., object], count: int | None
) -> None:
    assert arity(function) == count


def test_a_decorated_function_may_be_taken_as_it_is_defined() -> None:
    assert arity(_wrapper, follow_wrapped=False) == 0


def test_a_mismatch_of_arguments_is_explained() -> None:
    assert mismatch(lambda one: None, 1) == ""
    assert mismatch(lambda one: None) == "missing a required argument: 'one'"
    assert mismatch(dict) is None
