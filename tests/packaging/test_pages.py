"""The package's texts name all commands, keys and dependencies that exist, and no others."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import textwrap
from importlib import import_module
from pathlib import Path

import click
import pytest

from eggd.cli.commands import COMMANDS
from eggd.host import defaults
from eggd.suite.variables import KNOWN

TOP = Path(__file__).resolve().parents[2]
MANUAL = TOP / "packaging/manual.py"
DEFAULTS = TOP / "packaging/debian/eggd.default"


@pytest.fixture(scope="module")
def manual() -> str:
    """The text of eggd(1), as man(1) shows it; a warning of its formatter is a failure."""
    page = subprocess.run([sys.executable, MANUAL], capture_output=True, check=True).stdout
    done = subprocess.run(
        ["man", "--warnings", "-E", "ascii", "-l", "-"],
        input=page,
        env={"PATH": os.environ["PATH"], "MANWIDTH": "500", "MAN_KEEP_FORMATTING": ""},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return re.sub(".\b", "", done.stdout.decode())


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_manual_says_of_each_command_what_its_help_does(name: str, manual: str) -> None:
    command: click.Command = import_module(f"eggd.cli.{name}").command
    part = manual.partition(f"\n   eggd {name}")[2].partition("\n   eggd")[0]
    shown = [param for param in command.params if not getattr(param, "hidden", False)]
    flags = {flag for param in shown for flag in param.opts if flag.startswith("-")}
    assert {flag for flag in flags if flag not in part} == set()
    assert " ".join((command.help or "").split()[:6]).replace("`", "'") in part
    assert "Example" in part


PAGES = [
    *(TOP / name for name in ("README.md", "CONTRIBUTING.md")),
    *TOP.glob("docs/*.md"),
    *TOP.glob("examples/*/README.md"),
    *TOP.glob("eggd/cli/templates/*/README.md"),
]
CALL = re.compile(r"\beggd ([a-z]+)((?: +[^`|;&#\s]+)*)")
FLAG = re.compile(r"(?<=[\s\[])--?[a-z][a-z-]*")


def options_of(name: str) -> set[str]:
    """The options of a command of ours, and of the commands below it."""
    command: click.Command = import_module(f"eggd.cli.{name}").command
    below = command.commands.values() if isinstance(command, click.Group) else ()
    params = (param for each in (command, *below) for param in each.params)
    return {flag for param in params for flag in param.opts} | {"--help", "-h"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_a_page_names_only_options_that_there_are(page: Path) -> None:
    ours = {entry.name for entry in COMMANDS}
    calls = [found for found in CALL.finditer(page.read_text()) if found[1] in ours]
    flags = [(call[1], set(FLAG.findall(call[2].partition(" -- ")[0]))) for call in calls]
    assert [f"eggd {n} {f}" for n, all_of in flags for f in all_of - options_of(n)] == []


@pytest.mark.parametrize("file", ["app/controller/home.py", "app/router.py", "tests/test_home.py"])
def test_the_readme_shows_what_init_makes(file: str) -> None:
    block = (TOP / "README.md").read_text().partition(f"`{file}` ")[2].partition("\n\n")[2]
    lines = itertools.takewhile(lambda line: not line or line[:1] == " ", block.splitlines())
    shown = [line for line in textwrap.dedent("\n".join(lines)).splitlines() if line]
    made = (TOP / "eggd/cli/templates/simple" / file).read_text()
    rest = iter(made.splitlines())  # the page leaves out docstrings and blank lines
    assert shown
    assert [line for line in shown if line not in rest] == []


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_the_table_names_only_options_that_there_are(name: str) -> None:
    [arguments] = [entry.arguments for entry in COMMANDS if entry.name == name]
    assert set(re.findall(r"--[a-z-]+", arguments)) <= options_of(name)


@pytest.mark.parametrize("key", KNOWN)
def test_manual_and_conffile_describe_each_key(key: str) -> None:
    assert f"\n.It Ev {key}\n" in (TOP / "docs/man/eggd.7").read_text()
    assert f"\n#{key}=" in DEFAULTS.read_text()


def test_conffile_sets_nothing_and_each_example_in_it_is_valid(tmp_path: Path) -> None:
    assert defaults.check(DEFAULTS) == {}
    lines = [line.removeprefix("#") for line in DEFAULTS.read_text().splitlines()]
    examples = tmp_path / "eggd"
    examples.write_text("".join(f"{line}\n" for line in lines if line.startswith("EGG_")))
    assert set(defaults.check(examples)) == set(KNOWN)
