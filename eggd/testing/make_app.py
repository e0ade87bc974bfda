"""An app out of a table of files: what a test needs to have an app of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path


def make_app(root: Path, files: Mapping[str, str]) -> Path:
    """Writes each `path: text` below `root`, indentation taken off, and returns `root`.

    A `pyproject.toml` is added unless there is one; the app is then called like its folder.
    """
    there = (root / "pyproject.toml").exists()
    named = {} if there else {"pyproject.toml": f'[project]\nname = "{root.absolute().name}"\n'}
    for name, text in {**named, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
    return root
