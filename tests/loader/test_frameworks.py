"""The chain of frameworks: which class an app rests on, and what its levels publish."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from eggd.errors import LoadError
from eggd.loader.frameworks import framework_class, framework_units
from eggd.loader.metadata import Chosen
from eggd.testing.make_app import make_app


class Agent:
    """Stands for eggd's own class of that name."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("base", "web", "team"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("web")
    return tmp_path


def test_base_first_and_most_derived_last(folder: Path) -> None:
    # core:DIR-3, DIR-4, FW-1
    base = type("Base", (), {"root": folder / "base"})
    web = type("Web", (base,), {"root": folder / "web"})
    team = type("Team", (web,), {"root": folder / "team"})
    units = framework_units(team)
    assert [unit.root.name for unit in units] == ["base", "web", "team"]
    assert {unit.kind for unit in units} == {"framework"}


def test_levels_without_a_folder_are_skipped_and_doubles_collapsed(folder: Path) -> None:
    # core:DIR-4
    base = type("Base", (), {"root": folder / "web"})
    silent = type("Silent", (base,), {})
    again = type("Again", (silent,), {"root": folder / "link"})
    assert [unit.root for unit in framework_units(again)] == [folder / "web"]


@pytest.mark.parametrize("root", ["web", 5, Path("/nowhere")])
def test_a_root_that_is_not_a_folder_is_one_line(root: object) -> None:
    # core:DIR-4
    level = type("Web", (), {"root": root})
    with pytest.raises(LoadError, match=r"Web.root: must be the Path of a folder, not"):
        framework_units(level)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of importable packages, forgotten afterwards."""
    make_app(
        tmp_path / "site",
        {
            "g_acme/__init__.py": f"""
                from pathlib import Path
                from {__name__} import Agent
                class Agent(Agent):
                    root = Path(__file__).parent
                """,
            "g_bare/__init__.py": "Agent = 5",
            "g_broken/__init__.py": "1 / 0",
            "g_lacking/__init__.py": "import g_nowhere",
        },
    )
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Agent.__module__])
    for name in ("g_acme", "g_bare", "g_broken", "g_lacking"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path / "site"


def test_the_chosen_package_gives_the_class(installed: Path) -> None:
    # core:FW-2
    cls = framework_class(Agent, Chosen("g_acme", "pyproject.toml"))
    assert cls.__module__ == "g_acme"
    [unit] = framework_units(cls)
    assert (unit.name, unit.package, unit.root) == ("g_acme", "g_acme", installed / "g_acme")


def test_no_choice_is_eggd_itself() -> None:
    # core:FW-2
    assert framework_class(Agent, Chosen("", "pyproject.toml")) is Agent


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("./acme", "framework './acme' is not an import name (the name in `import ...`)"),
        ("g_nowhere", "framework 'g_nowhere' cannot be found (pip install it where the app runs)"),
        (
            "g_broken",
            "framework 'g_broken' cannot be imported: {site}/g_broken/__init__.py:1: ZeroDivision",
        ),
        ("g_lacking", "framework 'g_lacking' cannot be imported: "),
        ("g_bare", "framework 'g_bare' must export Agent, a subclass of eggd.Agent, found 5"),
    ],
)
def test_an_invalid_framework_is_one_line(installed: Path, name: str, line: str) -> None:
    # core:FW-2
    with pytest.raises(LoadError) as caught:
        framework_class(Agent, Chosen(name, "shop/pyproject.toml"))
    assert caught.value.line.startswith("shop/pyproject.toml: " + line.format(site=installed))
