"""What is known of an app before loading, and what is said where it is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import BootError, ConfigError
from eggd.loader.metadata import app_info, check_folder


def app(root: Path, pyproject: str | None = '[project]\nname = "shop"\n') -> Path:
    if pyproject is not None:
        (root / "pyproject.toml").write_text(pyproject)
    return root


@pytest.mark.parametrize(
    ("file", "environ", "env"),
    [
        ("", {}, "local"),
        ("", {"EGG_SERVER_ENV": " prod "}, "prod"),
        ("sit\n", {"EGG_SERVER_ENV": "prod"}, "sit"),
    ],
)
def test_env_comes_from_the_first_that_says(
    tmp_path: Path, file: str, environ: dict[str, str], env: str
) -> None:
    """core:ENV-1, ENV-2."""
    if file:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "env").write_text(file)
    assert app_info(app(tmp_path), environ).env == env


@pytest.mark.parametrize(
    ("pyproject", "line"),
    [
        (None, "pyproject.toml: is missing"),
        ("[project]\n", "project.name must be a name, not None"),
        ("[project]\nname = 3\n", "project.name must be a name, not 3"),
        ("[project\n", "pyproject.toml: Expected"),
    ],
)
def test_the_name_is_mandatory(tmp_path: Path, pyproject: str | None, line: str) -> None:
    """core:DIR-6."""
    with pytest.raises(ConfigError, match=line):
        app_info(app(tmp_path, pyproject), {})


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("relative", "must be an absolute path, not 'relative'"),
        ("/srv/not-there", "'/srv/not-there' does not exist"),
        ("/home/nobody-here/app", "ProtectHome=yes"),
        ("/etc/hostname", "is no directory"),
    ],
)
def test_a_bad_folder_is_one_line(path: str, line: str) -> None:
    """core:DIR-7."""
    with pytest.raises(BootError, match=line):
        check_folder(Path(path))
