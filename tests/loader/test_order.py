"""Dependencies first; cycles and missing names are named in the error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from eggd.errors import PluginError
from eggd.loader.order import missing_error, sort_by_dependency


@dataclass
class Node:
    dependencies: Sequence[str]
    optional_dependencies: Sequence[str] = ()
    origin: str = "plugin.py"


def nodes(**needs: str) -> dict[str, Node]:
    """Makes nodes of "needed needed | optional optional"."""
    split = {name: text.partition("|") for name, text in needs.items()}
    return {name: Node(need.split(), more.split()) for name, (need, _, more) in split.items()}


ORDERS: list[tuple[Mapping[str, Node], str]] = [
    (nodes(), ""),  # core:PLG-18
    (nodes(b="", a=""), "b a"),
    (nodes(a="b f", b="", c1="b", d="a", e="f", f="c1"), "b c1 f a d e"),  # core:PLG-13
    (nodes(a="| b", b=""), "b a"),
    (nodes(a="c | b", b="", c=""), "c b a"),
    (nodes(a="| nowhere"), "a"),
]


@pytest.mark.parametrize(("given", "order"), ORDERS)
def test_dependencies_come_first(given: Mapping[str, Node], order: str) -> None:
    # core:PLG-13, PLG-18
    assert " ".join(sort_by_dependency(given)) == order


@pytest.mark.parametrize(
    ("given", "cycle"),
    [
        (nodes(a="b", b="c", c="a"), "a -> b -> c -> a"),
        (nodes(x="a", a="b", b="a"), "a -> b -> a"),
        (nodes(a="a"), "a -> a"),
        (nodes(a="| b", b="a"), "a -> b -> a"),
    ],
)
def test_a_cycle_is_reported_exactly(given: Mapping[str, Node], cycle: str) -> None:
    # core:PLG-16
    with pytest.raises(PluginError) as caught:
        sort_by_dependency(given)
    steps = cycle.replace(",", " -> ")
    assert caught.value.message == f"plugins depend on each other in a cycle: {steps}"
    assert caught.value.hint == f"remove one dependency; {cycle[0]} is defined by plugin.py"


def test_each_missing_name_has_its_line() -> None:
    # core:PLG-17
    error = missing_error({"a1": ["c"], "b1": ["c", "d"]}, "enable it")
    assert error.message == (
        "plugin 'a1' is required by c, but is disabled or not declared;"
        " plugin 'b1' is required by c, d, but is disabled or not declared"
    )
    assert "\n" not in error.line
