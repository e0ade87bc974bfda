"""Files load by path; a failure names file and line."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eggd.errors import LoadError
from eggd.failure import trace
from eggd.importer import import_file
from eggd.testing.imports import OwnImports
from eggd.testing.make_app import make_app


def test_a_dashed_file_loads_once(tmp_path: Path) -> None:
    file = tmp_path / "user-log.py"
    file.write_text("value = []\n")
    assert import_file(file, "demo") is import_file(file, "demo")


def test_two_units_do_not_share_a_module(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("value = []\n")
    assert import_file(file, "one") is not import_file(file, "two")


@pytest.mark.parametrize(
    ("one", "two"),
    [("a/b_c.py", "a_b/c.py"), ("a-b.py", "a_b.py"), ("x-y/a.py", "x_y/a.py"), ("a.py", "a/a.py")],
)
def test_two_files_never_share_a_module(tmp_path: Path, one: str, two: str) -> None:
    """Files whose paths differ in dashes and dots alone are two modules (core:LD PORT)."""
    for name in (one, two):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"name = {name!r}\n")
    loaded = [import_file(tmp_path / name, "demo").name for name in (one, two)]
    assert loaded == [one, two]


def test_a_file_is_read_anew_by_a_new_process_only(tmp_path: Path) -> None:
    # core:X-11
    file = tmp_path / "fresh.py"
    file.write_text("value = 'old'\n")
    before = import_file(file, "demo")
    file.write_text("value = 'newer'\n")
    assert import_file(file, "demo") is before
    assert before.value == "old"
    code = (
        "import pathlib, sys; from eggd.importer import import_file;"
        "print(import_file(pathlib.Path(sys.argv[1]), 'demo').value)"
    )
    argv = [sys.executable, "-c", code, str(file)]
    assert subprocess.run(argv, capture_output=True, text=True).stdout == "newer\n"


def test_classes_of_a_loaded_file_can_be_pickled(tmp_path: Path) -> None:
    file = tmp_path / "shapes.v1.py"
    file.write_text("class Shape:\n    sides = 3\n")
    shape = import_file(file, "demo").Shape()
    assert pickle.loads(pickle.dumps(shape)).sides == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "def f(:\n",
            ":1: SyntaxError: invalid syntax (correct it at column 7, then run 'eggd check')",
        ),
        ("import nothing_like_it\n", ":1: ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("import sys\nsys.exit(3)\n", ":2: SystemExit: 3"),
        ("\n\nraise ValueError('two\\nlines')\n", ":3: ValueError: two lines"),
    ],
)
def test_a_failure_is_one_line_with_file_and_line(tmp_path: Path, text: str, line: str) -> None:
    # core:LD-9
    file = tmp_path / "home.py"
    file.write_text(text)
    with pytest.raises(LoadError) as caught:
        import_file(file, "demo")
    assert caught.value.line == f"{file}{line}"


def test_bytecode_is_kept_of_settled_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two edits of one size within a second would look the same later (core:X-11)."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    fresh, settled = tmp_path / "fresh.py", tmp_path / "settled.py"
    for file in (fresh, settled):
        file.write_text("value = 1\n")
    os.utime(settled, (1, 1))
    for file in (fresh, settled):
        import_file(file, "demo")
    [kept] = (tmp_path / "__pycache__").iterdir()
    assert kept.name.startswith("settled.")


@pytest.mark.parametrize(
    ("lib", "place"),
    [
        ("import nothing_like_it\n", "lib/db.py:1: ModuleNotFoundError"),
        ("\nfrom lib.pool import size\n", "lib/pool.py:3: KeyError: 'SIZE'"),
        ("def f(:\n", "lib/db.py:1: SyntaxError"),
        ("import json\n\njson.loads('{')\n", "lib/db.py:3: JSONDecodeError"),
        ("import ast\n\nast.literal_eval('(')\n", "lib/db.py:3: SyntaxError"),
        ("import click\n\nclick.Path('x', 'y').convert(1, 2, 3, 4)\n", "lib/db.py:3: TypeError"),
        ("from lib.missing import x\n", "lib/db.py:1: ModuleNotFoundError"),
        ("from lib.pool_size import x\n", "lib/pool_size.py:1: TypeError"),
    ],
    ids=lambda value: value.splitlines()[-1],
)
def test_a_failure_names_the_deepest_line_of_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lib: str, place: str
) -> None:
    """Neither the line of the router that imports `lib` nor a line of an installed package."""
    files = {
        "app/router.py": "import os\nfrom lib.db import connect\n",
        "lib/__init__.py": "",
        "lib/db.py": lib,
        "lib/pool.py": "import os\n\nsize = {}['SIZE']\n",
        "lib/pool_size.py": "size = len(1)\n",
    }
    make_app(tmp_path, files)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    with pytest.raises(LoadError) as caught, forgotten(tmp_path):
        import_file(tmp_path / "app/router.py", "demo")
    assert caught.value.line.startswith(f"{tmp_path}/{place}")


def test_a_plugin_of_a_package_is_named_by_its_own_deepest_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    files = {
        "egg_redis/__init__.py": "",
        "egg_redis/app.py": "import egg_redis.client\n",
        "egg_redis/client.py": "import redis_driver\n",
        "redis_driver/__init__.py": "1 / 0\n",
    }
    make_app(site, files)
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    with pytest.raises(LoadError) as caught, forgotten(site):
        import_file(site / "egg_redis/app.py", "redis")
    assert caught.value.line.startswith(f"{site}/egg_redis/client.py:1: ZeroDivisionError")


@pytest.mark.parametrize(("debug", "shown"), [("1", True), ("", False)])
def test_a_variable_adds_the_traceback(tmp_path: Path, debug: str, shown: bool) -> None:
    file = tmp_path / "home.py"
    file.write_text("1 / 0\n")
    with pytest.raises(LoadError) as caught:
        import_file(file, "demo")
    text = trace(caught.value, {"EGGD_DEBUG": debug})
    assert (f'File "{file}", line 1' in text) is shown
    assert bool(text) is shown


@contextmanager
def forgotten(folder: Path) -> Iterator[None]:
    """Unloads the modules of a folder."""
    imports = OwnImports(folder)
    try:
        yield
    finally:
        imports.forget()
