"""The sample application uses every public name of `eggd`; `make lint` checks its types."""

import ast

import eggd
from tests.house.imports import ROOT


def test_the_sample_uses_every_public_name() -> None:
    used: set[str] = set()
    for file in (ROOT / "tests/typing/sample").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "eggd":
                used |= {alias.name for alias in node.names}
    assert sorted(set(eggd.__all__) - used) == []
