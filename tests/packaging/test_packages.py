"""The built packages: the same bytes from the same sources, clean by lintian, split by policy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.conftest import checkout_deb

__all__ = ["checkout_deb"]

TOP = Path(__file__).resolve().parents[2]
SOURCES = (
    "eggd",
    "units",
    "docs",
    "examples",
    "packaging",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
NOBODY = 65534
# Another user, home, terminal, language, time zone and day, and files for the owner alone.
ELSEWHERE = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("env", "-i", "PATH=/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C", "TZ=Pacific/Kiritimati"),
    *("faketime", "-f", "+400d", "sh", "-c", 'umask 077; exec "$0"'),
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def builds(checkout_deb: Path) -> Iterator[tuple[Path, Path]]:
    """Two folders of packages, from this checkout and from a copy of its sources."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        top.chmod(0o755)
        here = top / "here"
        here.mkdir()
        for path in checkout_deb.parent.glob(f"eggd*_{checkout_deb.name.split('_')[1]}[_.]*"):
            shutil.copy(path, here)
        yield here, _build(top / "a-longer-path" / "of the" / "sources")


def _build(checkout: Path) -> Path:
    checkout.mkdir(parents=True)
    subprocess.run(["cp", "-R", *SOURCES, checkout], cwd=TOP, check=True)
    _give_away(checkout)
    done = subprocess.run(
        [*ELSEWHERE, checkout / "packaging/build-deb"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return checkout / "dist"


def _give_away(checkout: Path) -> None:
    """Makes a tree that of another user, with modes of the umask 077 and other times."""
    for path in (checkout, *checkout.rglob("*")):
        path.chmod(path.stat().st_mode & 0o700)
        os.utime(path, (0, 0))
        os.chown(path, NOBODY, NOBODY)


def test_the_same_sources_make_the_same_bytes(builds: tuple[Path, Path]) -> None:
    """Path, user, umask, language, time zone and day of a build change no package."""
    one, other = ({path.name: path.read_bytes() for path in each.iterdir()} for each in builds)
    assert sorted(name.partition("_")[0] for name in one) == ["eggd", "eggd", "eggd", "eggd-doc"]
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_lintian_has_nothing_to_report(builds: tuple[Path, Path]) -> None:
    """Not even with its most pedantic and experimental checks, in the sources and the packages."""
    files = [*builds[0].glob("*.dsc"), *builds[0].glob("*.deb")]
    options = ("--allow-root", "--pedantic", "--display-info", "--display-experimental")
    severities = "error,warning,info,pedantic,experimental"
    done = subprocess.run(
        ["lintian", *options, "--fail-on", severities, *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_each_override_of_lintian_has_a_reason() -> None:
    """A comment stands above each group of overrides."""
    lines = (TOP / "packaging/debian/eggd.lintian-overrides").read_text().splitlines()
    groups = re.findall(r"(?:^#.*\n)+(?:^[^#].*\n)+", "\n".join(lines) + "\n", re.MULTILINE)
    assert groups
    assert "".join(groups).splitlines() == lines


def test_documentation_is_a_package_beside_the_program(builds: tuple[Path, Path]) -> None:
    """Pages and examples are in eggd-doc, under the names by which README.md refers to them."""
    program, documentation = (_paths(builds[0], name) for name in ("eggd", "eggd-doc"))
    root = "./usr/share/doc/eggd"
    readme = re.findall(r"`((?:docs|examples)/[\w./-]+)`", (TOP / "README.md").read_text())
    assert len(readme) > 30
    assert [name for name in readme if f"{root}/{name}".rstrip("/") not in documentation] == []
    assert [path for path in program if path.startswith(root) and path.endswith(".md")] == []
    assert f"{root}/examples/offline.conf" in program
    shared = {path for path in program & documentation if not path.endswith("/copyright")}
    assert shared <= {"./usr", "./usr/share", "./usr/share/doc", root, f"{root}/examples", "."}


def _paths(folder: Path, package: str) -> set[str]:
    [deb] = folder.glob(f"{package}_*.deb")
    listing = subprocess.run(
        f"dpkg-deb --fsys-tarfile '{deb}' | tar -t", shell=True, capture_output=True, check=True
    )
    return {line.rstrip("/") for line in listing.stdout.decode().splitlines()}
