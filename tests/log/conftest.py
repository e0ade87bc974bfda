from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from eggd.log import Console, LoggerConfig, Loggers, setup_console

_HEAD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ([A-Z]+) \d+ ")

JOURNAL = {"INVOCATION_ID": "0123"}


@dataclass(frozen=True)
class Screen:
    """A console and what it showed."""

    console: Console
    path: Path

    @property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()


MakeLoggers = Callable[..., Loggers]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """The console of a process under systemd."""
    path = tmp_path / "journal"
    with path.open("a") as file:
        console = setup_console(None, "test", JOURNAL, file.fileno())
        yield Screen(console, path)
        console.close()


@pytest.fixture
def make(screen: Screen, tmp_path: Path) -> Iterator[MakeLoggers]:
    """Loggers of a process of the app `shop`, with their files in `tmp_path/logs`."""
    made: list[Loggers] = []

    def make(role: str = "application", env: str = "prod", **config: object) -> Loggers:
        section = LoggerConfig(dir=str(tmp_path / "logs"), **config)  # type: ignore[arg-type]
        loggers = Loggers(section, "shop", role, env, screen.console)
        made.append(loggers)
        return loggers

    yield make
    for loggers in made:
        loggers.close()


@pytest.fixture
def loggers(make: MakeLoggers) -> Loggers:
    return make()


@pytest.fixture
def logs(tmp_path: Path) -> Callable[[str], list[str]]:
    """The lines of a log file, each without its date and process."""

    def read(name: str) -> list[str]:
        lines = (tmp_path / "logs" / name).read_text().splitlines()
        return [_HEAD.sub(r"\1 ", line) for line in lines]

    return read
