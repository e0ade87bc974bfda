"""Writes drop-ins of units: files that every user may read, replaced as a whole."""

from __future__ import annotations

from pathlib import Path

from eggd.wholefile import write_whole


def write_drop_in(path: Path, text: str) -> None:
    """Writes or replaces a file, and makes its folder if needed; raises OSError."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    write_whole(path, text.encode(), 0o644)
