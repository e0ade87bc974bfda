"""Writes an app of a table of files, for a test that needs an app of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from eggd.errors import ArgumentError
from eggd.testing.arguments import check_kind


def make_app(root: Path, files: Mapping[str, str]) -> Path:
    """Writes each `path: text` below `root`, without its indentation, and returns `root`.

    A missing `pyproject.toml` is added; it names the app like its folder.
    """
    check_kind("files", files, Mapping, "a dict of path and text")
    project = f'[project]\nname = "{root.absolute().name}"\n'
    named = {} if (root / "pyproject.toml").exists() else {"pyproject.toml": project}
    for name, text in {**named, **files}.items():
        check_kind("files: a path", name, str, "text")
        check_kind(f"files: {name}", text, str, "text")
        path = root / name
        if not path.resolve().is_relative_to(root.resolve()):
            raise ArgumentError(f"files: {name!r} is outside of the app's folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
    return root
