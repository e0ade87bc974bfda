"""The folder `typings/eggd` of an application; all in it is written by `eggd types`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eggd.errors import EggError
from eggd.wholefile import write_whole

FOLDER = Path("typings/eggd")
"""Pyright and its editors look into `typings` first; mypy does with `mypy_path = "typings"`."""


def stale(base_dir: Path, files: Mapping[str, str]) -> list[str]:
    """Returns the files of the folder that are missing, outdated or no longer needed."""
    there = _there(base_dir)
    differ = {name for name, text in files.items() if there.get(name) != text}
    return sorted(f"{FOLDER}/{name}" for name in differ | (there.keys() - files.keys()))


def write(base_dir: Path, files: Mapping[str, str]) -> list[str]:
    """Writes what differs, each file at once, and returns the names. Raises EggError."""
    changed = stale(base_dir, files)
    try:
        for name in changed:
            path, text = base_dir / name, files.get(name.removeprefix(f"{FOLDER}/"))
            if text is None:
                path.unlink()
            else:
                _replace(path, text)
    except OSError as exc:
        hint = "run it as the owner of the folder" if isinstance(exc, PermissionError) else ""
        raise EggError(f"{exc.filename}: cannot be written: {exc.strerror}", hint=hint) from exc
    return changed


def exists(base_dir: Path) -> bool:
    """Returns whether `eggd types` was run for this application."""
    return (base_dir / FOLDER / "members.pyi").is_file()


def _there(base_dir: Path) -> dict[str, str]:
    folder = base_dir / FOLDER
    return {str(f.relative_to(folder)): f.read_text("utf-8") for f in folder.rglob("*.pyi")}


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode(), 0o644)
