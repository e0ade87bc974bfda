"""`eggd init`: creates a project from the files in templates/."""

from __future__ import annotations

import keyword
import os
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from eggd.errors import ConfigError, DirectoryError

TEMPLATES = Path(__file__).with_name("templates")
TYPES = {
    "simple": "one page, its config and its tests",
    "api": "a JSON resource with controller, service and tests",
    "plugin": "a plugin to install, and an app to try it with",
    "framework": "a framework for several apps, and an app to try it with",
}
PACKAGES = ("plugin", "framework")
"""The types whose name is also that of a Python package."""

RENAMED = {"gitignore": ".gitignore"}
"""Files that would take effect in our own tree under their real names."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SPARED = {".git"}
"""A folder that contains only a fresh repository counts as empty."""

EXAMPLES = """\b
Examples:
  eggd init hello                      creates hello/, ready for eggd dev, test and check
  eggd init notes --type api
  eggd init eggd-redis --type plugin
  eggd init . --name shop              in the current directory
"""


@click.command(epilog=EXAMPLES)
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--type",
    "kind",
    type=click.Choice(list(TYPES)),
    default="simple",
    help="; ".join(f"{name}: {text}" for name, text in TYPES.items()) + " (default: simple).",
)
@click.option("--name", metavar="NAME", help="Name of the project (default: of the directory).")
@click.option("--force", is_flag=True, help="Overwrite files in a directory that is not empty.")
def command(directory: Path, kind: str, name: str | None, force: bool) -> None:
    """Creates a project in DIR (default: the current directory)."""
    os.umask(os.umask(0o022) | 0o022)  # only the owner may write, whatever the umask
    folder = directory.absolute()
    named = Name.of(
        name or folder.resolve().name or str(folder.resolve()), package=kind in PACKAGES
    )
    if not force:
        _must_be_empty(folder)
    try:
        written = [_write(file, folder, named) for file in _files(TEMPLATES / kind)]
    except OSError as exc:
        raise DirectoryError(
            f"{exc.filename}: {exc.strerror}", hint="choose a directory that you can write to"
        ) from exc
    click.echo(f"created {kind} project {named.plain} in {folder}: {len(written)} files")
    click.echo("\n".join(["next:", *_next(directory, kind)]))


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a project in the three forms that its files use."""

    plain: str

    @classmethod
    def of(cls, text: str, *, package: bool) -> Name:
        """Returns a name; raises ConfigError for an invalid one, or an unusable package name."""
        if not _NAME.fullmatch(text):
            raise ConfigError(
                f"{text!r} is not a valid project name",
                hint="use letters, digits, '.', '-' and '_', or choose another with --name",
            )
        name = cls(text)
        taken = name.module in sys.stdlib_module_names or name.module == "eggd"
        if package and (taken or not name.module.isidentifier() or keyword.iskeyword(name.module)):
            why = "is a module of Python or eggd" if taken else "is not a valid module name"
            raise ConfigError(
                f"{text!r} cannot be the name of a package: {name.module!r} {why}",
                hint="choose another with --name",
            )
        return name

    @property
    def module(self) -> str:
        """The name of the Python package."""
        return re.sub(r"[.-]", "_", self.plain).lower()

    def put(self, text: str) -> str:
        """Returns a text or path of a template with this name filled in."""
        title = "".join(part.capitalize() for part in self.module.split("_"))
        return (
            text.replace("template-name", self.plain)
            .replace("template_name", self.module)
            .replace("TemplateName", title)
        )


def _must_be_empty(folder: Path) -> None:
    if folder.is_dir():
        entries = sorted({entry.name for entry in folder.iterdir()} - _SPARED)
        if entries:
            more = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
            raise DirectoryError(
                f"{folder} is not empty: {entries[0]}{more}",
                hint="choose another DIR, or overwrite files with --force",
            )
    elif folder.exists():
        raise DirectoryError(f"{folder} is not a directory")


def _files(template: Path) -> Iterator[tuple[str, Path]]:
    """Yields the path of each file in the template, and the file; skips bytecode."""
    for file in sorted(template.rglob("*")):
        if file.is_file() and file.parent.name != "__pycache__":
            yield str(file.relative_to(template)), file


def _write(entry: tuple[str, Path], folder: Path, name: Name) -> Path:
    relative, file = entry
    target = folder / name.put(RENAMED.get(relative, relative))
    target.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    with open(fd, "w", encoding="utf-8") as out:
        out.write(name.put(file.read_text(encoding="utf-8")))
    return target


def _next(directory: Path, kind: str) -> Iterator[str]:
    if directory != Path():
        yield f"  cd {shlex.quote(str(directory))}"
    example = "example" if kind in PACKAGES else ""
    if kind == "framework":
        yield "  pip install -e .     install it for apps"
    yield f"  {f'eggd dev {example}':<20} run it and reload after each save"
    yield f"  {'eggd test':<20} run its tests"
    yield f"  {f'eggd check {example}':<20} load it as a worker would"
