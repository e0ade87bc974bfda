"""The apt repository of `make repo` on a host, so that it installs eggd as its users do.

Standard library only: `make run` uses it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.host.rootfs import TOP

INSIDE = Path("srv/apt")
"""The path of the repository on a host."""

KEY = Path("etc/apt/keyrings/eggd.asc")
SOURCES = Path("etc/apt/sources.list.d/eggd.sources")


def build() -> Path:
    """Builds the packages of this checkout; returns the path of eggd's own."""
    done = subprocess.run(
        [TOP / "packaging/build-deb"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"packaging/build-deb failed:\n{done.stderr}")
    return TOP / done.stdout.splitlines()[-1]


def offer(root: Path, *packages: Path) -> None:
    """Makes a repository of packages the only source of the host with this root."""
    shutil.rmtree(root / SOURCES.parent, ignore_errors=True)
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    for folder in (SOURCES.parent, KEY.parent, INSIDE.parent):
        (root / folder).mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [TOP / "packaging/build-repo", root / INSIDE, *packages],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    shutil.copyfile(root / INSIDE / "eggd.asc", root / KEY)
    (root / SOURCES).write_text(sources(root))


def sources(root: Path) -> str:
    """Returns the block of docs/install.md, with the place and the Debian suite of this host."""
    release = (root / "etc/os-release").read_text()
    [suite] = re.findall(r"^VERSION_CODENAME=(\w+)", release, re.MULTILINE)
    block = re.search(r"^    Types: deb\n(?:    .+\n)+", PAGE.read_text(), re.MULTILINE)
    assert block, f"{PAGE}: no block of deb822"
    text = re.sub(r"^    ", "", block[0], flags=re.MULTILINE)
    text = re.sub(r"(?<=^URIs: ).*", f"file:/{INSIDE}", text, flags=re.MULTILINE)
    return re.sub(r"(?<=^Suites: ).*", suite, text, flags=re.MULTILINE)


PAGE = TOP / "docs/install.md"


def successor(
    deb: Path, directory: Path, version: str, *, conffile: str = "", postinst: str = ""
) -> Path:
    """The same package as the next version, written to `directory`: what an upgrade installs.

    `conffile` is added to /etc/default/eggd, and `postinst` to the beginning of that script.
    """
    with tempfile.TemporaryDirectory() as work:
        tree = Path(work) / "eggd"
        subprocess.run(["dpkg-deb", "-R", str(deb), str(tree)], check=True)
        _replace(tree / "DEBIAN/control", r"^Version: .*$", f"Version: {version}")
        _replace(
            tree / "usr/lib/python3/dist-packages/eggd/version.py",
            r'^__version__ = ".*"$',
            f'__version__ = "{version}"',
        )
        _replace(tree / "DEBIAN/postinst", r"^set -e$", f"set -e\n{postinst}")
        with (tree / "etc/default/eggd").open("a") as file:
            file.write(conffile)
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
