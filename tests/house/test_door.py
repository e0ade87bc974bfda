"""The public API: every name exists, is documented, and is imported only when it is used."""

import ast
import inspect
import itertools
import subprocess
import sys

import pytest

import eggd
from tests.house.imports import ROOT, trees

NAMES = [name for name in eggd.__all__ if name != "__version__"]

LOADED = """
import sys
try:
    {code}
except SystemExit:
    pass
print("\\n".join(sys.modules), file=sys.stderr)
"""


def loaded(code: str) -> set[str]:
    """Returns the modules that a new interpreter has after running `code`."""
    argv = [sys.executable, "-c", LOADED.format(code=code)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def typed() -> list[str]:
    """Returns the public names of its stub, in its order."""
    tree = ast.parse((ROOT / "eggd/__init__.pyi").read_text())
    lines = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    imported = [alias.asname for line in lines for alias in line.names]
    kinds = (ast.ClassDef, ast.AsyncFunctionDef)
    defined = [node.name for node in tree.body if isinstance(node, kinds)]
    return [name for name in (*imported, *defined) if name and not name.startswith("_")]


def aliases(name: str, home: str) -> list[bool]:
    """Returns, for each assignment to `name` in `home` or below, whether a string is under it."""
    bodies = [tree.body for module, tree in trees().items() if f"{module}.".startswith(f"{home}.")]
    return [
        isinstance(below, ast.Expr)
        for body in bodies
        for node, below in itertools.pairwise(body)
        if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_documented(name: str) -> None:
    value = getattr(eggd, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        assert inspect.getdoc(value)
        return
    assert aliases(name, eggd._HOMES[name]) == [True], "a string under the alias says what it is"


def test_each_name_is_exported_once_and_typed() -> None:
    assert len(set(eggd.__all__)) == len(eggd.__all__)
    assert sorted(typed()) == sorted(NAMES)
    assert dir(eggd) == sorted(eggd.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        eggd.Nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_door_loads_nothing() -> None:
    assert {name for name in loaded("import eggd") if name.startswith("eggd")} == {
        "eggd",
        "eggd.version",
    }


@pytest.mark.parametrize(
    "code", ["import eggd.cli.main", "from eggd.cli.main import main; main(['--help'])"]
)
def test_the_command_brings_no_app_code(code: str) -> None:
    brought = loaded(code)
    heavy = ("eggd.app", "eggd.loader", "eggd.http", "eggd.messenger", "eggd.plugins")
    assert not {name for name in brought if name.startswith(heavy)}
    assert not brought & {"tornado.web", "uvloop", "asyncio"}
