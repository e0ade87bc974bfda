"""Dependencies before dependents: depth first, in the order of declaration (core:PLG-13).

Pure: names in, names out. The texts of both errors are egg's own (core:PLG-16, PLG-17).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from eggd.errors import PluginError


class Node(Protocol):
    """What is ordered: something that names what it rests on."""

    @property
    def dependencies(self) -> Sequence[str]:
        """Names that must be there and come first."""
        ...

    @property
    def origin(self) -> str:
        """The file that says so."""
        ...

    @property
    def optional_dependencies(self) -> Sequence[str]:
        """Names that come first where they are there."""
        ...


def ordered(nodes: Mapping[str, Node]) -> list[str]:
    """Returns the names of `nodes`, what each rests on before it; raises PluginError for a cycle.

    A dependency that is not among the nodes is passed over: `missing` tells of those.
    """
    done: dict[str, None] = {}
    for name in nodes:
        _visit(name, nodes, done, [])
    return list(done)


def missing_error(missing: Mapping[str, Sequence[str]], hint: str) -> PluginError:
    """Returns the error for names that are missing, each with the names that require it."""
    lines = [
        f"\n\t>> Plugin [{name}] is disabled or missed, but is required by [{','.join(by)}]"
        for name, by in missing.items()
    ]
    return _error(missing, [], "".join(lines), hint)


def _visit(name: str, nodes: Mapping[str, Node], done: dict[str, None], path: list[str]) -> None:
    if name in done or name not in nodes:
        return
    if name in path:
        cycle = [*path[path.index(name) :], name]
        origin = nodes[name].origin
        raise _error([], cycle, "", f"take one dependency out; {name} is of {origin}")
    node = nodes[name]
    for before in (*node.dependencies, *node.optional_dependencies):
        _visit(before, nodes, done, [*path, name])
    done[name] = None


def _error(missing: Iterable[str], cycle: Sequence[str], more: str, hint: str) -> PluginError:
    text = f"missing: [{','.join(missing)}], recursive: [{','.join(cycle)}]"
    return PluginError(f"sequencify plugins has problem, {text}{more}", hint=hint)
