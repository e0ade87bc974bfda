"""The commands that apps, plugins and packages bring along, found by where they lie.

    app/command/user/add.py        eggd user add        of the app that one stands in
    command/..., app/command/...   the same             of its frameworks and plugins
    [project.entry-points."eggd.commands"]              of installed packages: "user.add"

Finding lists files and reads docstrings and never runs any of it: `eggd --help` has to answer at
once, and also where a file is broken.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from eggd.smallfile import read_small

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

FOLDERS = ("app/command", "command")
"""Where a plugin or framework has commands; an app has them in the first only."""

GROUP = "eggd.commands"
"""The entry points that name commands of installed packages."""

_TOO_DEEP = (RecursionError, MemoryError)
"""The exceptions of the parser for source that is nested too deeply."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Found:
    """One command: what it is called by, whose it is, and where."""

    words: tuple[str, ...]
    """Its name, a word for each level."""
    owner: str
    """`app`, `plugin redis`, `package acme`."""
    source: Path | EntryPoint
    """Its file, or the entry point that names it."""

    @property
    def summary(self) -> str:
        """One line about it, without running it; what is wrong with the file, where that is so."""
        if not isinstance(self.source, Path):
            return self.source.value
        wrong = next((word for word in self.words if not _WORD.fullmatch(word)), None)
        return f"({wrong!r} cannot be a command)" if wrong else summary_of(self.source)


Row = tuple[str, str]
"""A name and one line about it."""

Tree = dict[str, "Found | Tree"]
"""Commands by word; of two with the same name the first one is kept."""


def standing_in() -> Path | None:
    """Returns the current directory if it is an app's."""
    from eggd.testing.base_dir import is_app

    try:
        here = Path.cwd()
        return here if is_app(here) else None
    except OSError:  # it was removed, or may not be entered
        return None


def of_app(base_dir: Path) -> list[Found]:
    """Returns the commands of an app's own files."""
    return list(_in(base_dir / FOLDERS[0], "app"))


def of_unit(root: Path, owner: str) -> list[Found]:
    """Returns the commands of a plugin or framework."""
    return [each for folder in FOLDERS for each in _in(root / folder, owner)]


def of_packages() -> list[Found]:
    """Returns the commands of installed packages."""
    if not any(map(_mentions, sys.path)):
        return []  # without the import below, which takes as long as all the rest of --help

    from importlib import metadata

    points = sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)
    return [
        Found(tuple(each.name.split(".")), f"package {re.split('[.:]', each.value)[0]}", each)
        for each in points
    ]


def written_plugins(base_dir: Path) -> list[Found]:
    """Returns the commands of those plugins that config/plugin.py names in so many words.

    What it computes, and what other files switch, only loading can say.
    """
    return [
        each
        for name, entry in _literals(base_dir / "config/plugin.py")
        for root in _root(base_dir, entry)
        for each in of_unit(root, f"plugin {name}")
    ]


def tree_of(commands: Sequence[Found], taken: Sequence[str] = ()) -> tuple[Tree, list[Found]]:
    """Returns the commands as a tree, and those that are hidden by an earlier one or `taken`."""
    tree: Tree = {}
    hidden = [each for each in commands if each.words[0] in taken or not _put(tree, each)]
    return tree, hidden


def leaves(tree: Tree, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Found]]:
    """Yields every command of a tree with its words from there on."""
    for word, below in tree.items():
        if isinstance(below, Found):
            yield (*above, word), below
        else:
            yield from leaves(below, (*above, word))


def listed(base_dir: Path | None) -> list[Found]:
    """Returns all commands that can be seen without running anything; the app's come first."""
    own = [] if base_dir is None else [*of_app(base_dir), *written_plugins(base_dir)]
    return [*own, *of_packages()]


def sections(commands: Sequence[Found], taken: Sequence[str]) -> list[tuple[str, list[Row]]]:
    """Returns a title and rows for each owner of commands."""
    _, hidden = tree_of(commands, taken)
    found: dict[str, list[Row]] = {}
    for each in commands:
        text = "(hidden by a command of the same name)" if each in hidden else each.summary
        found.setdefault(f"Commands of the {each.owner}", []).append((" ".join(each.words), text))
    return list(found.items())


def summary_of(file: Path) -> str:
    """Returns the first line of a file's docstring, or why it cannot be read."""
    try:
        text = ast.get_docstring(ast.parse(read_small(file), str(file))) or ""
    except SyntaxError as exc:
        return f"(cannot be read: {file.name}:{exc.lineno}: {exc.msg})"
    except (OSError, ValueError, *_TOO_DEEP) as exc:
        return f"(cannot be read: {exc})"
    return text.partition("\n")[0]


def _mentions(entry: str) -> bool:
    """Whether a package in this entry of sys.path has commands."""
    section = f"[{GROUP}]".encode()
    return any(section in _content(file) for file in Path(entry).glob("*-info/entry_points.txt"))


def _content(file: Path) -> bytes:
    try:
        return read_small(file)
    except OSError:
        return b""


def _in(folder: Path, owner: str) -> Iterator[Found]:
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        if not any(part.startswith(("_", ".")) for part in parts):
            yield Found(tuple(part.replace("_", "-") for part in parts), owner, file)


def _put(tree: Tree, command: Found) -> bool:
    for word in command.words[:-1]:
        below = tree.setdefault(word, {})
        if isinstance(below, Found):
            return False
        tree = below
    return tree.setdefault(command.words[-1], command) is command


def _literals(file: Path) -> Iterator[tuple[str, object]]:
    """Yields the names that a file sets to constants, with these."""
    try:
        body = ast.parse(read_small(file)).body
    except (OSError, SyntaxError, ValueError, *_TOO_DEEP):
        return
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                yield node.targets[0].id, ast.literal_eval(node.value)
            except ValueError:
                continue


def _root(base_dir: Path, entry: object) -> Iterator[Path]:
    if not isinstance(entry, dict) or not entry.get("enable", True):
        return
    path, package = entry.get("path"), entry.get("package")
    if isinstance(path, str):
        yield base_dir / path
    # A dotted name would import the package above it.
    elif isinstance(package, str) and package.isidentifier():
        spec = find_spec(package)
        yield from map(Path, (spec and spec.submodule_search_locations) or [])
