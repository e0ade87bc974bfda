"""What the package says of itself is what there is: commands, keys, dependencies."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.cli.table import COMMANDS
from eggd.process import defaults

TOP = Path(__file__).resolve().parents[2]
DEFAULTS = TOP / "packaging/debian/eggd.default"


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_manual_describes_each_command(name: str) -> None:
    assert f"\n.It Cm {name}" in (TOP / "docs/man/eggd.1").read_text()


@pytest.mark.parametrize("key", defaults.KNOWN)
def test_manual_and_conffile_describe_each_key(key: str) -> None:
    assert f"\n.It Ev {key}\n" in (TOP / "docs/man/eggd.7").read_text()
    assert f"\n#{key}=" in DEFAULTS.read_text()


def test_conffile_sets_nothing_and_each_example_in_it_is_valid(tmp_path: Path) -> None:
    assert defaults.check(DEFAULTS) == {}
    lines = [line.removeprefix("#") for line in DEFAULTS.read_text().splitlines()]
    examples = tmp_path / "eggd"
    examples.write_text("".join(f"{line}\n" for line in lines if line.startswith("EGG_")))
    assert set(defaults.check(examples)) == set(defaults.KNOWN)
