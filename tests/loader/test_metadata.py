"""The facts of an app before loading, and the errors if one is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import BootError, ConfigError
from eggd.loader.metadata import Chosen, app_info, check_folder, chosen_framework


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
    # core:ENV-1, ENV-2
    if file:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "env").write_text(file)
    assert app_info(app(tmp_path), environ).env == env


@pytest.mark.parametrize(
    ("pyproject", "line"),
    [
        (None, "pyproject.toml: is missing"),
        ("[project]\n", "project.name must be letters, digits, '.', '-' and '_', not None"),
        ("[project]\nname = 3\n", "project.name must be letters, digits, '.', '-' and '_', not 3"),
        ("[project\n", "pyproject.toml: Expected"),
    ],
)
def test_the_name_is_mandatory(tmp_path: Path, pyproject: str | None, line: str) -> None:
    # core:DIR-6
    with pytest.raises(ConfigError, match=line):
        app_info(app(tmp_path, pyproject), {})


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("relative", "must be an absolute path, not 'relative'"),
        ("/srv/not-there", "'/srv/not-there' does not exist"),
        ("/home/nobody-here/app", "ProtectHome=yes"),
        ("/etc/hostname", "is not a directory"),
    ],
)
def test_a_bad_folder_is_one_line(path: str, line: str) -> None:
    # core:DIR-7
    with pytest.raises(BootError, match=line):
        check_folder(Path(path))


@pytest.mark.parametrize(
    ("tool", "environ", "name"),
    [
        ("", {}, ""),
        ('[tool.eggd]\nframework = "acme"\n', {}, "acme"),
        ('[tool.eggd]\nframework = "acme"\n', {"EGG_FRAMEWORK": "other"}, "other"),
    ],
)
def test_the_app_chooses_its_framework(
    tmp_path: Path, tool: str, environ: dict[str, str], name: str
) -> None:
    # core:FW-2
    root = app(tmp_path, f'[project]\nname = "shop"\n{tool}')
    origin = "EGG_FRAMEWORK" if environ else str(root / "pyproject.toml")
    assert chosen_framework(root, environ) == Chosen(name, origin)


@pytest.mark.parametrize(
    ("tool", "line"),
    [
        ('framwork = "acme"', r"tool.eggd.framwork: unknown key \(did you mean 'framework'\?\)"),
        ("framework = 5", "tool.eggd.framework must be text, not 5"),
    ],
)
def test_a_bad_tool_table_is_one_line(tmp_path: Path, tool: str, line: str) -> None:
    # core:FW-2
    with pytest.raises(ConfigError, match=line):
        chosen_framework(app(tmp_path, f'[project]\nname = "shop"\n[tool.eggd]\n{tool}\n'), {})
