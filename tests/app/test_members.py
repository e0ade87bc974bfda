"""The members of an app: keys, locals, its JSON form, its boot file."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.app.base import BaseApplication
from eggd.errors import ConfigError, LoadError
from tests.app.loading import loaded

CONFIG = "config/config_default.py"


def test_keys_are_split_and_trimmed(tmp_path: Path) -> None:
    # core:APP-2
    assert loaded(tmp_path, {CONFIG: "keys = ' one, two ,'\n"}).keys == ["one", "two"]


def test_missing_keys_are_an_error_when_they_are_used(tmp_path: Path) -> None:
    # core:APP-2
    app: Application = loaded(tmp_path, {})
    with pytest.raises(ConfigError, match=r"config.keys is not set, .*run 'eggd keys new'"):
        _ = app.keys


@pytest.mark.parametrize(
    ("env", "keys", "warnings"),
    [
        ("prod", "a,0123456789abcdef", 1),
        ("prod", "0123456789abcdef,a", 0),
        ("unittest", "a", 0),
        ("local", "a", 0),
    ],
)
def test_a_short_first_key_is_a_warning_outside_of_development(
    tmp_path: Path, env: str, keys: str, warnings: int
) -> None:
    app: Application = loaded(tmp_path, {CONFIG: f"keys = '{keys}'\n"}, env=env)
    line = f"{tmp_path}/{CONFIG}:1: keys: the first key has fewer than 16 characters"
    assert app.warnings == [f"{line} (run 'eggd keys new' for a longer one)"] * warnings


def test_locals_merge_and_stay_the_same_dict(tmp_path: Path) -> None:
    # core:APP-3
    app: Application = loaded(tmp_path, {})
    first = app.locals
    app.locals = {"a": 1}
    app.locals = {"b": 2}
    app.locals = "nothing"  # type: ignore[assignment]
    assert app.locals is first
    assert first == {"a": 1, "b": 2}


def test_inspect_shows_no_secrets(tmp_path: Path) -> None:
    # core:APP-4
    app: Application = loaded(tmp_path / "shop", {CONFIG: "keys = 'hidden'\n"})
    about = app.inspect()
    assert (about["env"], about["name"]) == ("unittest", "shop")
    assert about["base_dir"] == str(tmp_path / "shop")
    assert about["config"] == "<egg config>"
    assert about["router"] == "<egg router>"
    assert "hidden" not in str(about)


@pytest.mark.parametrize("base", [Application, Agent])
def test_a_boot_class_is_created_with_its_app(tmp_path: Path, base: type[BaseApplication]) -> None:
    # core:LC-1, LC-14
    boot = (
        "from eggd import Boot\n\nclass AnyName(Boot):\n    def config_did_load(self):\n"
        "        self.app.seen = (self.app.type, self.config is self.app.config)\n"
    )
    app = loaded(tmp_path, {base.boot_file: boot}, base)
    assert app.seen == (base.type, True)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def boot(app):\n    pass\n", "none"),
        ("from eggd import Boot\n", "none"),
        ("from eggd import Boot\nclass A(Boot): ...\nclass B(Boot): ...\n", "A, B"),
    ],
)
def test_a_boot_file_without_one_boot_class_is_an_error(
    tmp_path: Path, text: str, found: str
) -> None:
    """Not only a warning (core:LC-1)."""
    with pytest.raises(LoadError, match=f"exactly one subclass of Boot, found {found}"):
        loaded(tmp_path, {"app.py": text})
