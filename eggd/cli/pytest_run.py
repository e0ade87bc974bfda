"""What `eggd test` and `eggd cov` hand to pytest, and the one line where it is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import click

from eggd.errors import BootError

ENV = "unittest"
"""The environment of tests, unless EGG_SERVER_ENV says otherwise."""

PLUGIN = "eggd.testing.pytest_plugin"
PATTERNS = ("test_*.py", "*_test.py")
FIXTURES = "tests/fixtures"
"""Apps that tests use: what looks like a test in there is none of ours."""

TIMEOUT = 60.0
"""Seconds of one test, where pytest-timeout is installed and the project does not say its own."""

_DEBIAN = {"coverage": "python3-coverage", "pytest": "python3-pytest"}
_DISTRIBUTIONS = {"pytest_timeout": "pytest-timeout", "xdist": "pytest-xdist"}

_STRAY = ("PytestUnhandledThreadExceptionWarning", "PytestUnraisableExceptionWarning")
"""An error that nobody handled fails the test during which it came up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which tests run, and how."""

    paths: Sequence[str] = ()
    """Files, folders, `file::test` and options of pytest's own."""
    grep: Sequence[str] = ()
    """Expressions of pytest's `-k`; one of them must fit."""
    bail: bool = False
    """Whether the first failure ends the run."""
    timeout: float | None = None
    """Seconds per test; 0 is without end, None takes TIMEOUT where that can be had."""
    jobs: str = ""
    """How many processes, or `auto`; one where empty."""

    def arguments(self) -> list[str]:
        """Returns pytest's arguments; BootError where a plugin that they need is missing."""
        return [
            *_plugin(),
            *(f"-Werror::pytest.{name}" for name in _STRAY),
            *([f"--ignore={FIXTURES}"] if Path(FIXTURES).is_dir() else []),
            *(["-k", " or ".join(f"({each})" for each in self.grep)] if self.grep else []),
            *(["-x"] if self.bail else []),
            *_timeout(self.timeout),
            *_jobs(self.jobs),
            *self.paths,
        ]


def need(module: str) -> None:
    """Raises BootError, saying how to get it, where the interpreter has no such module."""
    if find_spec(module) is not None:
        return
    name = _DISTRIBUTIONS.get(module, module)
    debian = _DEBIAN.get(module, f"python3-{name}")
    raise BootError(
        f"{name} is not installed for {sys.executable}",
        hint=f"pip install {name}, or apt install {debian}",
    )


def of_environment() -> tuple[str, ...]:
    """Returns the paths that the variable TESTS names, separated by commas."""
    return tuple(filter(None, os.environ.get("TESTS", "").split(",")))


def nothing_to_run(paths: Sequence[str]) -> bool:
    """Says so where no path is given and the project has no test files, or not one of a pattern."""
    if paths or any(True for pattern in PATTERNS for _ in Path("tests").rglob(pattern)):
        return False
    click.echo(f"no test files found: tests/**/{PATTERNS[0]} in {Path.cwd()}")
    return True


def changed() -> list[str]:
    """Returns the test files that differ from git's HEAD. Raises BootError outside of git."""
    names = {
        *_git("ls-files", "--modified", "--others", "--exclude-standard"),
        *_git("diff", "--cached", "--name-only", "--relative"),
    }
    tests = (name for name in names if any(map(Path(name).match, PATTERNS)))
    return sorted(name for name in tests if Path(name).is_file())


def replace(argv: Sequence[str], *, dry_run: bool) -> None:
    """Becomes `python argv...` in the environment `unittest`: signals and exit code are its own."""
    os.environ.setdefault("EGG_SERVER_ENV", ENV)
    if dry_run:
        import shlex

        click.echo(f"dry run: $ {shlex.join([sys.executable, *argv])}")
        return
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *argv])


def _plugin() -> list[str]:
    """Name our plugin where eggd is not installed as a package, as in a checkout."""
    if find_spec(PLUGIN) is None:
        return []
    known = metadata.entry_points(group="pytest11")
    return [] if any(each.value == PLUGIN for each in known) else ["-p", PLUGIN]


def _timeout(seconds: float | None) -> list[str]:
    if seconds is None:
        own = find_spec("pytest_timeout") is None or "timeout" in _settings()
        return [] if own else [f"--timeout={TIMEOUT:g}"]
    if not seconds:
        return []
    need("pytest_timeout")
    return [f"--timeout={seconds:g}"]


def _settings() -> Mapping[str, object]:
    """Returns what the project's pyproject.toml says to pytest."""
    try:
        tables = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
        return dict(tables["tool"]["pytest"]["ini_options"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _jobs(number: str) -> list[str]:
    if not number:
        return []
    need("xdist")
    return ["-n", number]


def _git(*arguments: str) -> list[str]:
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, encoding="utf-8", check=False
        )
    except FileNotFoundError:
        raise BootError(
            "--changed asks git, which is not installed", hint="apt install git"
        ) from None
    if done.returncode:
        first = done.stderr.partition("\n")[0] or "failed"
        raise BootError(f"git {arguments[0]}: {first}", hint="--changed needs a git repository")
    return done.stdout.rstrip("\n").split("\n") if done.stdout else []
