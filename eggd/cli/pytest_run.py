"""The pytest run of `eggd test` and `eggd cov`: its arguments, and the packages that it needs."""

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

from eggd.errors import ProgramError

ENV = "unittest"
"""The environment of tests, unless EGG_SERVER_ENV is set."""

PLUGIN = "eggd.testing.pytest_plugin"
PATTERNS = ("test_*.py", "*_test.py")
FIXTURES = "tests/fixtures"
"""Apps that tests use; test files in it belong to these apps and do not run."""

OUTPUT = ("logs", "run")
"""Folders that a running app writes; the user of the tests may not be able to read them."""

TIMEOUT = 60.0
"""Seconds per test, if pytest-timeout is installed and the project sets no timeout of its own."""

_DISTRIBUTIONS = {"pytest_timeout": "pytest-timeout", "xdist": "pytest-xdist"}

_STRAY = ("PytestUnhandledThreadExceptionWarning", "PytestUnraisableExceptionWarning")
"""Warnings about an unhandled error; as errors they fail the test during which it occurred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The tests to run, and how to run them."""

    paths: Sequence[str] = ()
    """Files, folders, `file::test` and options of pytest's own."""
    grep: Sequence[str] = ()
    """Expressions of pytest's `-k`; a test runs if one of them matches."""
    bail: bool = False
    """Whether to stop at the first failure."""
    timeout: float | None = None
    """Seconds per test; 0 means no limit, None means TIMEOUT if pytest-timeout is installed."""
    jobs: str = ""
    """Number of processes, or `auto`; empty means one."""

    def arguments(self) -> list[str]:
        """Returns pytest's arguments; raises ProgramError if they need a plugin that is missing."""
        return [
            *_plugin(),
            *(f"-Werror::pytest.{name}" for name in _STRAY),
            *(f"--ignore={each}" for each in (FIXTURES, *OUTPUT) if Path(each).is_dir()),
            *(["-k", " or ".join(f"({each})" for each in self.grep)] if self.grep else []),
            *(["-x"] if self.bail else []),
            *_timeout(self.timeout),
            *_jobs(self.jobs),
            *self.paths,
        ]


def need(module: str) -> None:
    """Raises ProgramError, with the command that installs it, if the module is missing."""
    if find_spec(module) is not None:
        return
    name = _DISTRIBUTIONS.get(module, module)
    raise ProgramError(
        f"{name} is not installed for {sys.executable}",
        hint=f"run pip install {name}, or apt install python3-{name}",
    )


def paths_of_environment() -> tuple[str, ...]:
    """Returns the paths that the variable TESTS names, separated by commas."""
    return tuple(filter(None, os.environ.get("TESTS", "").split(",")))


def nothing_to_run(paths: Sequence[str]) -> bool:
    """Reports a project without test files; returns False if a path is given or one exists."""
    if paths or any(True for pattern in PATTERNS for _ in Path("tests").rglob(pattern)):
        return False
    click.echo(f"no test files found: tests/**/{PATTERNS[0]} in {Path.cwd()}")
    return True


def changed() -> list[str]:
    """Returns the test files that differ from git's HEAD. Raises ProgramError outside of git."""
    names = {
        *_git("ls-files", "--modified", "--others", "--exclude-standard"),
        *_git("diff", "--cached", "--name-only", "--relative"),
    }
    tests = (name for name in names if any(map(Path(name).match, PATTERNS)))
    return sorted(name for name in tests if Path(name).is_file())


def replace(argv: Sequence[str], *, dry_run: bool) -> None:
    """Replaces this process by `python argv...`, in the environment `unittest`."""
    os.environ.setdefault("EGG_SERVER_ENV", ENV)
    if dry_run:
        import shlex

        click.echo(f"dry run: $ {shlex.join([sys.executable, *argv])}")
        return
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *argv])


def _plugin() -> list[str]:
    """Returns the option that loads our plugin in a checkout, where no entry point names it."""
    if find_spec(PLUGIN) is None:
        return []
    known = metadata.entry_points(group="pytest11")
    return [] if any(each.value == PLUGIN for each in known) else ["-p", PLUGIN]


def _timeout(seconds: float | None) -> list[str]:
    if seconds is None:
        is_configured = find_spec("pytest_timeout") is None or "timeout" in _settings()
        return [] if is_configured else [f"--timeout={TIMEOUT:g}"]
    if not seconds:
        return []
    need("pytest_timeout")
    return [f"--timeout={seconds:g}"]


def _settings() -> Mapping[str, object]:
    """Returns the settings of pytest in the project's pyproject.toml."""
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
        raise ProgramError(
            "--changed needs git, which is not installed", hint="run apt install git"
        ) from None
    if done.returncode:
        first = done.stderr.partition("\n")[0] or "failed"
        raise ProgramError(f"git {arguments[0]}: {first}", hint="--changed needs a git repository")
    return done.stdout.rstrip("\n").split("\n") if done.stdout else []
