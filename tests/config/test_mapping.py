"""Keys as attributes, also those that dict has methods for; read-only once frozen."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from eggd.config.freeze import freeze
from eggd.config.mapping import ConfigDict
from eggd.errors import ConfigError

CHANGES: list[Callable[[Any], object]] = [
    lambda node: setattr(node, "a", 2),
    lambda node: node.__setitem__("a", 2),
    lambda node: node.__delitem__("a"),
    lambda node: delattr(node, "a"),
    lambda node: node.update(a=2),
    lambda node: node.setdefault("z", 2),
    lambda node: node.pop("a"),
    lambda node: node.popitem(),
    lambda node: node.clear(),
    lambda node: node.__ior__({"a": 2}),
    lambda node: node.names.append("x"),
    lambda node: node.names.sort(),
    lambda node: node.names.__setitem__(0, "x"),
    lambda node: node.below[0].__setitem__("a", 2),
    lambda node: node.pair[0].__setitem__("a", 2),
]


def tree() -> Any:
    return ConfigDict({"a": 1, "names": ["x"], "below": [{"a": 1}], "pair": ({"a": 1},)})


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_works_until_it_is_frozen(change: Callable[[Any], object]) -> None:
    # core:CFG-9
    change(tree())
    frozen = freeze(tree())
    with pytest.raises(ConfigError, match="is read-only after the config hooks"):
        change(frozen)
    assert frozen == tree()


@pytest.mark.parametrize("key", ["keys", "items", "values", "get", "pop", "update", "copy"])
def test_a_key_wins_over_a_method_of_dict(key: str) -> None:
    node = ConfigDict({key: "value"})
    assert getattr(node, key) == "value"
    del node[key]
    assert callable(getattr(node, key))


def test_mappings_become_nodes_wherever_they_come_from() -> None:
    node: Any = ConfigDict()
    node.cache = {"size": {"most": 1}}
    node.setdefault("more", {"x": 1})
    node.update({"other": {"x": 2}})
    assert (node.cache.size.most, node.more.x, node.other.x) == (1, 1, 2)


def test_a_copy_is_made_of_plain_dicts() -> None:
    frozen: Any = freeze(tree())
    copies: list[Any] = [copy.deepcopy(frozen), pickle.loads(pickle.dumps(frozen)), dict(tree())]
    for made in copies:
        made["a"] = 2
        assert type(made) is dict
    assert json.loads(json.dumps(frozen)) == {**tree(), "pair": [{"a": 1}]}


def test_a_frozen_set_is_equal_to_the_set() -> None:
    frozen: Any = freeze(ConfigDict({"names": {"a"}}))
    assert frozen.names == {"a"}
    assert not hasattr(frozen.names, "add")


def test_a_value_that_contains_itself_can_be_frozen() -> None:
    node = ConfigDict({"names": []})
    node["me"] = node
    node.names.append(node.names)
    freeze(node)
    assert node.me is node
    assert node.names[0] is node.names


def test_a_missing_key_names_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"nmes: unknown key \(did you mean 'names'\?\)"):
        _ = tree().nmes
