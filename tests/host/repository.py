"""A local apt repository, so that hosts install eggd as its users do: by its bare name.

Standard library only: `make run` uses it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

# The path on a host; without signatures, hence `trusted`. No Release file is needed.
INSIDE = Path("srv/apt")
SOURCES = f"deb [trusted=yes] file:/{INSIDE} ./\n"


def offer(root: Path, deb: Path) -> None:
    """Makes `deb` the only source of packages on the host with this root."""
    pool = root / INSIDE
    pool.mkdir(parents=True, exist_ok=True)
    shutil.copy(deb, pool)
    index = subprocess.run(
        ["dpkg-scanpackages", "--multiversion", "."],
        cwd=pool,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (pool / "Packages").write_text(index)
    shutil.rmtree(root / "etc/apt/sources.list.d", ignore_errors=True)
    (root / "etc/apt/sources.list").write_text(SOURCES)


def successor(deb: Path, directory: Path, version: str) -> Path:
    """The same package as the next version, written to `directory`: what an upgrade installs."""
    with tempfile.TemporaryDirectory() as work:
        tree = Path(work) / "eggd"
        subprocess.run(["dpkg-deb", "-R", str(deb), str(tree)], check=True)
        _replace(tree / "DEBIAN/control", r"^Version: .*$", f"Version: {version}")
        _replace(
            tree / "usr/lib/python3/dist-packages/eggd/version.py",
            r'^__version__ = ".*"$',
            f'__version__ = "{version}"',
        )
        target = directory / f"eggd_{version}_all.deb"
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-b", str(tree), str(target)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return target


def _replace(path: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, path.read_text(), flags=re.MULTILINE)
    assert count == 1, f"{pattern} in {path}: {count} times"
    path.write_text(text)
