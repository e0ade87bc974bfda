from pathlib import Path

from eggd.testing.make_app import make_app


def test_writes_files_without_their_indentation(tmp_path: Path) -> None:
    root = make_app(tmp_path / "shop", {"app/router.py": "\n    def router(app):\n        pass\n"})
    assert (root / "app/router.py").read_text() == "def router(app):\n    pass\n"
    assert (root / "pyproject.toml").read_text() == '[project]\nname = "shop"\n'


def test_the_table_may_have_its_own_metadata(tmp_path: Path) -> None:
    root = make_app(tmp_path, {"pyproject.toml": "[project]\n"})
    assert (root / "pyproject.toml").read_text() == "[project]\n"
