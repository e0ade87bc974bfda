"""The imports of all modules, read from the source: every import statement, also in functions."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Import:
    """One imported name: in `module` (a file of the package) at `line`, `target` is loaded."""

    module: str
    line: int
    target: str
    relative: bool = False

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def sources(root: Path, package: str) -> dict[str, ast.Module]:
    """Parses every file of `package` under `root`: dotted module name -> tree."""
    return {
        name: ast.parse(path.read_text(), str(path))
        for name, path in modules(root, package).items()
    }


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Returns the trees of eggd, parsed once per process: at the first test, not at collection."""
    return sources(ROOT, "eggd")


def modules(root: Path = ROOT, package: str = "eggd") -> dict[str, Path]:
    """Returns the files of `package` under `root` by dotted module name.

    The templates of `eggd init` are files of other people's projects.
    """
    files = {}
    for path in sorted((root / package).rglob("*.py")):
        if path.is_relative_to(root / package / "cli/templates"):
            continue
        parts = path.relative_to(root).with_suffix("").parts
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return files


def imports(trees: Mapping[str, ast.Module]) -> list[Import]:
    """Returns all imports; `from a import b` is `a.b` if that is a module of eggd."""
    return [found for name, tree in trees.items() for found in _of(name, tree, set(trees))]


def cycles(found: list[Import], modules: set[str]) -> list[list[str]]:
    """Returns each chain of modules that leads back to its first, once."""
    edges: dict[str, set[str]] = {module: set() for module in modules}
    for one in found:
        if one.target in modules and one.target != one.module:
            edges[one.module].add(one.target)
    rings: dict[frozenset[str], list[str]] = {}
    for ring in filter(None, (_ring(module, edges) for module in sorted(edges))):
        rings.setdefault(frozenset(ring), ring)
    return list(rings.values())


def _of(name: str, tree: ast.Module, modules: set[str]) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            home = node.module or ""
            for alias in node.names:
                whole = f"{home}.{alias.name}"
                target = whole if whole in modules else home
                yield Import(name, node.lineno, target, relative=node.level > 0)


def _ring(start: str, edges: Mapping[str, set[str]]) -> list[str]:
    """Returns a shortest way from `start` back to it, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for target in sorted(edges[way[-1]]):
            if target == start:
                return way
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []
