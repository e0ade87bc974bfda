"""The tests that the source package carries (debian/tests), by the real autopkgtest."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.host import repository
from tests.host.conftest import Boot

pytestmark = pytest.mark.one_suite("trixie")

SERVER = Path(__file__).parent / "autopkgtest-virt-host"
USER = "tester"


def test_the_tests_of_the_source_package_pass(boot: Boot, deb: Path, tmp_path: Path) -> None:
    """Each passes with eggd from the repository of the host."""
    packages = [deb, deb.with_name(deb.name.replace("eggd_", "eggd-doc_"))]
    host = boot(installed=False, prepare=lambda host: repository.offer(host.root, *packages))
    host.run(f"useradd --create-home {USER}")
    [source] = deb.parent.glob(f"{deb.stem.removesuffix('_all')}.dsc")
    tree = tmp_path / "source"
    subprocess.run(["dpkg-source", "--extract", source, tree], check=True, capture_output=True)
    (tree / "debian/files").touch()  # a built tree: the host needs no dpkg-dev
    server = [str(SERVER), USER, *host.container.command()]
    done = subprocess.run(
        ["autopkgtest", "--no-built-binaries", "--apt-upgrade", f"{tree}/", "--", *server],
        capture_output=True,
        text=True,
        check=False,
    )
    results = re.findall(r"^(\w+) +(PASS|FAIL|SKIP|FLAKY)\b", done.stdout, re.MULTILINE)
    assert results == [("suite", "PASS"), ("project", "PASS")], done.stdout + done.stderr
    assert done.returncode == 0
