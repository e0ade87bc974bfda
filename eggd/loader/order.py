"""Dependencies before dependents: depth first, in the order of declaration (core:PLG-13).

Pure: names in, names out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from eggd.errors import PluginError


class Dependent(Protocol):
    """Something that names its dependencies."""

    @property
    def dependencies(self) -> Sequence[str]:
        """Names that must exist and come first."""
        ...

    @property
    def origin(self) -> str:
        """The file that defines it."""
        ...

    @property
    def optional_dependencies(self) -> Sequence[str]:
        """Names that come first if they exist."""
        ...


def sort_by_dependency(nodes: Mapping[str, Dependent]) -> list[str]:
    """Returns the names of `nodes`, each after its dependencies; raises PluginError for a cycle.

    A dependency that is not among the nodes is skipped: `missing_error` reports those.
    """
    done: dict[str, None] = {}
    for name in nodes:
        _visit(name, nodes, done, [])
    return list(done)


def missing_error(missing: Mapping[str, Sequence[str]], hint: str) -> PluginError:
    """Returns the error for names that are missing, each with the names that require it."""
    lines = [
        f"plugin {name!r} is required by {', '.join(by)}, but is disabled or not declared"
        for name, by in missing.items()
    ]
    return PluginError("; ".join(lines), hint=hint)


def _visit(
    name: str, nodes: Mapping[str, Dependent], done: dict[str, None], path: list[str]
) -> None:
    if name in done or name not in nodes:
        return
    if name in path:
        cycle = [*path[path.index(name) :], name]
        origin = nodes[name].origin
        raise PluginError(
            f"plugins depend on each other in a cycle: {' -> '.join(cycle)}",
            hint=f"remove one dependency; {name} is defined by {origin}",
        )
    node = nodes[name]
    for before in (*node.dependencies, *node.optional_dependencies):
        _visit(before, nodes, done, [*path, name])
    done[name] = None
