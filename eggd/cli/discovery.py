"""The commands of apps, plugins and packages, discovered by their place.

    app/command/user/add.py        eggd user add        of the app in the current directory
    command/..., app/command/...   the same             of its frameworks and plugins
    [project.entry-points."eggd.commands"]              of installed packages: "user.add"

Discovery lists files and reads docstrings, but runs no code: `eggd --help` has to be fast, and has
to work with a broken file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from eggd.errors import ConfigError
from eggd.smallfile import read_small

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

FOLDERS = ("app/command", "command")
"""The folders of commands in a plugin or framework; an app has only the first."""

GROUP = "eggd.commands"
"""The entry points that name commands of installed packages."""

_TOO_DEEP = (RecursionError, MemoryError)
"""The exceptions of the parser for source that is nested too deeply."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class DiscoveredCommand:
    """A command that is not one of eggd's own; its code is not loaded yet."""

    words: tuple[str, ...]
    """Its name, one word per level."""
    owner: str
    """`app`, `plugin redis`, `package acme`."""
    source: Path | EntryPoint
    """Its file, or the entry point that names it."""

    @property
    def summary(self) -> str:
        """The first line of its docstring, or the reason why it cannot be a command."""
        if not isinstance(self.source, Path):
            return self.source.value
        wrong = next((word for word in self.words if not _WORD.fullmatch(word)), None)
        return f"({wrong!r} cannot be a command)" if wrong else _docstring_line(self.source)


Tree = dict[str, "DiscoveredCommand | Tree"]
"""Commands by word; of several with the same name, the first one."""


def app_here() -> Path | None:
    """Returns the current directory if it contains an app."""
    from eggd.testing.base_dir import is_app

    try:
        here = Path.cwd()
        return here if is_app(here) else None
    except OSError:  # it was removed, or may not be entered
        return None


def current_app() -> Path:
    """Returns the current directory. Raises ConfigError if it contains no app."""
    here = app_here()
    if here is None:
        raise ConfigError(
            f"{Path.cwd()} is not an app", hint="cd to the app, or use eggd --base DIR"
        )
    return here


def has_sign(folder: Path) -> bool:
    """Returns whether a folder has a file that only apps have."""
    return any((folder / name).is_file() for name in ("app/router.py", "config/config_default.py"))


def not_an_app(folder: Path) -> ConfigError:
    """Returns the error for a project in which a command looks for an app."""
    if (folder / "plugin.toml").is_file():
        what = "this project is a plugin, not an app"
    else:
        what = "this project is not an app: it has no app/router.py, app.py or config/plugin.py"
    return ConfigError(f"{folder}: {what}", hint="give the directory of the app, such as example")


def discover(base_dir: Path | None) -> list[DiscoveredCommand]:
    """Returns all commands that can be discovered without running code; the app's come first."""
    app_commands = [] if base_dir is None else [*_commands_in(base_dir / FOLDERS[0], "app")]
    plugins = [] if base_dir is None else _plugin_commands(base_dir)
    return [*app_commands, *plugins, *_package_commands()]


def unit_commands(root: Path, owner: str) -> list[DiscoveredCommand]:
    """Returns the commands of a plugin or framework."""
    return [each for folder in FOLDERS for each in _commands_in(root / folder, owner)]


def command_tree(
    commands: Sequence[DiscoveredCommand], reserved: Sequence[str] = ()
) -> tuple[Tree, list[DiscoveredCommand]]:
    """Returns the commands as a tree, and those hidden by an earlier one or a reserved name."""
    tree: Tree = {}
    hidden = [each for each in commands if each.words[0] in reserved or not _insert(tree, each)]
    return tree, hidden


def leaves(
    tree: Tree, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], DiscoveredCommand]]:
    """Yields every command of a tree with its words relative to the tree."""
    for word, below in tree.items():
        if isinstance(below, DiscoveredCommand):
            yield (*above, word), below
        else:
            yield from leaves(below, (*above, word))


def help_sections(
    commands: Sequence[DiscoveredCommand], reserved: Sequence[str]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Returns a title and rows for each owner of commands."""
    _, hidden = command_tree(commands, reserved)
    sections: dict[str, list[tuple[str, str]]] = {}
    for each in commands:
        text = "(hidden by a command of the same name)" if each in hidden else each.summary
        rows = sections.setdefault(f"Commands of the {each.owner}", [])
        rows.append((" ".join(each.words), text))
    return list(sections.items())


def _package_commands() -> list[DiscoveredCommand]:
    if not any(map(_has_entry_points, sys.path)):
        return []  # without the import below, which takes as long as all the rest of --help

    from importlib import metadata

    points = sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name)
    return [
        DiscoveredCommand(
            tuple(each.name.split(".")), f"package {re.split('[.:]', each.value)[0]}", each
        )
        for each in points
    ]


def _has_entry_points(entry: str) -> bool:
    """Whether a package in this entry of sys.path has commands."""
    section = f"[{GROUP}]".encode()
    return any(section in _content(file) for file in Path(entry).glob("*-info/entry_points.txt"))


def _content(file: Path) -> bytes:
    try:
        return read_small(file)
    except OSError:
        return b""


def _plugin_commands(base_dir: Path) -> list[DiscoveredCommand]:
    """Returns the commands of plugins that config/plugin.py enables by a literal.

    Computed entries, and those of other files, are known only once the plugins are resolved.
    """
    return [
        each
        for name, entry in _literals(base_dir / "config/plugin.py")
        for root in _plugin_root(base_dir, entry)
        for each in unit_commands(root, f"plugin {name}")
    ]


def _commands_in(folder: Path, owner: str) -> Iterator[DiscoveredCommand]:
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        if not any(part.startswith(("_", ".")) for part in parts):
            yield DiscoveredCommand(tuple(part.replace("_", "-") for part in parts), owner, file)


def _docstring_line(file: Path) -> str:
    """Returns the first line of a file's docstring, or why it cannot be read."""
    import ast  # only with commands: eggd's own --help does not need it

    try:
        text = ast.get_docstring(ast.parse(read_small(file), str(file))) or ""
    except SyntaxError as exc:
        return f"(cannot be read: {file.name}:{exc.lineno}: {exc.msg})"
    except (OSError, ValueError, *_TOO_DEEP) as exc:
        return f"(cannot be read: {exc})"
    return text.partition("\n")[0]


def _insert(tree: Tree, command: DiscoveredCommand) -> bool:
    for word in command.words[:-1]:
        below = tree.setdefault(word, {})
        if isinstance(below, DiscoveredCommand):
            return False
        tree = below
    return tree.setdefault(command.words[-1], command) is command


def _literals(file: Path) -> Iterator[tuple[str, object]]:
    """Yields each name that a file sets to a constant, and the constant."""
    import ast

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


def _plugin_root(base_dir: Path, entry: object) -> Iterator[Path]:
    if not isinstance(entry, dict) or not entry.get("enable", True):
        return
    path, package = entry.get("path"), entry.get("package")
    if isinstance(path, str):
        yield base_dir / path
    # find_spec of a dotted name would import the package above it.
    elif isinstance(package, str) and package.isidentifier():
        spec = find_spec(package)
        yield from map(Path, (spec and spec.submodule_search_locations) or [])
