"""The projects of `eggd init` and the examples pass mypy --strict and pyright."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

import pytest

from eggd.cli.init import TYPES
from eggd.testing.make_app import make_app
from tests.house.imports import ROOT
from tests.typing import checkers

pytestmark = pytest.mark.slow

APPS = {"plugin": "example", "framework": "example"}
"""The folder of the app in the projects that are not an app themselves."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of mypy, for all projects of this module."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("kind", TYPES)
def test_a_new_project_has_no_type_errors(kind: str, tmp_path: Path, cache: Path) -> None:
    project = tmp_path / "fruit-shop"
    assert checkers.eggd(tmp_path, "init", project.name, "--type", kind).returncode == 0
    _check(project, project / APPS.get(kind, ""), cache)


EXAMPLES = {
    "guestbook": {},
    "hello": {},
    "framework": {
        "pyproject.toml": """
            [project]
            name = "shop"
            [tool.eggd]
            framework = "acme"
            """,
        "config/plugin.py": "visits = False\n",
    },
    "plugin": {"config/plugin.py": "visits = {'path': '../eggd_visits'}\n"},
}
"""Example -> the files of an app that uses it, in the folder `shop`; {} for an app."""

MYPY = """
[tool.mypy]
strict = true
mypy_path = "{path}"
explicit_package_bases = true
exclude = ["tests/", "conftest.py"]

[tool.pyright]
stubPath = "{path}"
"""


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_no_type_errors(name: str, tmp_path: Path, cache: Path) -> None:
    project = tmp_path / name
    shutil.copytree(ROOT / "examples" / name, project)
    shop = make_app(project / "shop", EXAMPLES[name]) if EXAMPLES[name] else project
    with (project / "pyproject.toml").open("a") as file:
        file.write(MYPY.format(path=(shop / "typings").relative_to(project)))
    _check(project, shop, cache)


def _check(project: Path, app: Path, cache: Path) -> None:
    done = checkers.eggd(project, "types", str(app), path=str(project))
    assert (done.returncode, done.stderr) == (0, "")
    python = checkers.environment(project.parent / "venv")
    [packages] = (python.parents[1] / "lib").glob("python3*/site-packages")
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    assert checkers.mypy(project, python, cache) == {}
    assert checkers.pyright(project, python) == {}
