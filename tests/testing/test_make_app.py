from pathlib import Path

import pytest

from eggd.errors import ArgumentError
from eggd.testing.make_app import make_app


def test_writes_files_without_their_indentation(tmp_path: Path) -> None:
    root = make_app(tmp_path / "shop", {"app/router.py": "\n    def router(app):\n        pass\n"})
    assert (root / "app/router.py").read_text() == "def router(app):\n    pass\n"
    assert (root / "pyproject.toml").read_text() == '[project]\nname = "shop"\n'


def test_the_table_may_have_its_own_metadata(tmp_path: Path) -> None:
    root = make_app(tmp_path, {"pyproject.toml": "[project]\n"})
    assert (root / "pyproject.toml").read_text() == "[project]\n"


def test_a_file_is_added_to_an_existing_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    make_app(Path(), {})
    assert 'name = "shop"' in (folder / "pyproject.toml").read_text()


def test_a_file_outside_of_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"config\.py' is outside of the app's folder"):
        make_app(tmp_path / "shop", {"../config.py": ""})
