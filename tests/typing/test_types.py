"""`eggd types`: type checkers know the members of an application, and find misspelt ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from tests.typing import checkers
from tests.typing.shop import FILES, MISTAKES, with_mistakes

Check = Callable[[Path, Path], Mapping[str, set[int]]]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_app(tmp_path / "shop", FILES)


@pytest.mark.slow
@pytest.mark.parametrize("check", [checkers.mypy, checkers.pyright])
def test_a_type_checker_finds_each_mistake_and_nothing_else(
    shop: Path, tmp_path: Path, check: Check
) -> None:
    python = checkers.environment(tmp_path / "venv")
    done = checkers.eggd(shop, "types")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert check(shop, python) == {}
    make_app(shop, {"app/controller/wrong.py": with_mistakes()})
    lines = set(range(6, 6 + len(MISTAKES)))
    assert check(shop, python) == {"app/controller/wrong.py": lines}


def test_check_names_the_files_that_are_not_current(shop: Path) -> None:
    """`eggd types --check` exits with 1 for CI, and with 0 when `eggd types` was run."""
    before = checkers.eggd(shop, "types", "--check")
    assert before.returncode == 1
    assert "typings/eggd/members.pyi is not current: run 'eggd types'\n" in before.stdout
    assert not (shop / "typings").exists()
    checkers.eggd(shop, "types")
    current = checkers.eggd(shop, "types", "--check")
    assert (current.returncode, current.stdout, current.stderr) == (0, "", "")
    (shop / "app/service/user.py").rename(shop / "app/service/customer.py")
    renamed = checkers.eggd(shop, "types", "--check")
    names = [line.partition(" ")[0] for line in renamed.stdout.splitlines()]
    tree = "typings/eggd/tree/shop/app_service"
    assert names == ["typings/eggd/members.pyi", f"{tree}_customer.pyi", f"{tree}_user.pyi"]


def test_files_that_are_no_longer_needed_are_deleted(shop: Path) -> None:
    checkers.eggd(shop, "types")
    (shop / "app/service/user.py").unlink()
    checkers.eggd(shop, "types")
    assert not (shop / "typings/eggd/tree/shop/app_service_user.pyi").exists()


def test_the_same_application_gives_the_same_files(shop: Path, tmp_path: Path) -> None:
    """Whatever its folder is called, and whichever environment is configured."""
    other = make_app(tmp_path / "elsewhere", FILES | {"config/env": "prod\n"})
    for folder in (shop, other):
        checkers.eggd(folder, "types")
    assert _texts(shop) == _texts(other)


def test_an_application_that_does_not_load_is_one_line(shop: Path) -> None:
    checkers.eggd(shop, "types")
    before = _texts(shop)
    make_app(shop, {"app/service/user.py": "class User(\n"})
    done = checkers.eggd(shop, "types")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"error: {shop}/app/service/user.py:1: ")
    assert done.returncode == 1
    assert _texts(shop) == before


def _texts(base_dir: Path) -> dict[str, str]:
    folder = base_dir / "typings"
    return {str(f.relative_to(folder)): f.read_text() for f in folder.rglob("*.pyi")}
