"""From nothing to an app that is tested and serves: eggd installed by pip, as a new user has it."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.cli.host import ROOT

pytestmark = pytest.mark.slow

PYTHON = "/usr/bin/python3"
"""Debian's own, with the libraries that eggd needs."""


class User:
    """Somebody with a home, and a virtual environment in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.run(PYTHON, "-m", "venv", "--system-site-packages", ".venv")
        offline = ["--no-index", "--no-deps", "--no-build-isolation", "-q"]
        self.run(".venv/bin/pip", "install", "--disable-pip-version-check", *offline, str(ROOT))
        # As `pip install pytest coverage` would, without a network.
        [site] = home.glob(".venv/lib/python3*/site-packages")
        (site / "tools.pth").write_text(f"{sysconfig.get_path('purelib')}\n")

    def run(self, *command: str, cwd: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            cwd=self.home / cwd,
            env={
                "PATH": f"{self.home}/.venv/bin:/usr/bin:/bin",
                "HOME": str(self.home),
                "LANG": "C.UTF-8",
                "EGG_DEFAULTS": "/dev/null",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> User:
    return User(tmp_path_factory.mktemp("user"))


def test_it_is_the_installed_eggd(user: User) -> None:
    said = user.run("python", "-c", "import eggd; print(eggd.__file__)").stdout
    assert said.startswith(f"{user.home}/.venv/lib/")


@pytest.mark.parametrize(
    ("kind", "routes"), [("simple", ["/"]), ("api", ["/api/notes", "/api/notes/:id"])]
)
def test_from_init_to_an_app_that_is_tested(user: User, kind: str, routes: list[str]) -> None:
    said = user.run("eggd", "init", kind, "--type", kind).stdout
    assert f"\n  cd {kind}\n" in said
    tested = user.run("eggd", "test", cwd=kind)
    assert (" passed in " in tested.stdout, tested.stderr) == (True, "")
    assert user.run("eggd", "check", cwd=kind).stderr == ""
    rows = json.loads(user.run("eggd", "routes", "--json", cwd=kind).stdout)
    assert sorted({row["path"] for row in rows} - {"/favicon.ico"}) == routes
    assert "TOTAL" in user.run("eggd", "cov", cwd=kind).stdout
    assert user.run("eggd", "config", "name", cwd=kind).stdout == f"{kind}\n"


@pytest.mark.parametrize("kind", ["plugin", "framework"])
def test_from_init_to_a_package(user: User, kind: str) -> None:
    """An app of the company's is checked with the package installed beside eggd."""
    user.run("eggd", "init", f"acme-{kind}", "--type", kind)
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "-q"]
    user.run("pip", "install", "--disable-pip-version-check", *offline, ".", cwd=f"acme-{kind}")
    tested = user.run("eggd", "test", cwd=f"acme-{kind}")
    assert (" passed in " in tested.stdout, tested.stderr) == (True, "")
    checked = user.run("eggd", "check", "example", cwd=f"acme-{kind}")
    assert checked.stdout.startswith("example (prod) loads: 1 route")


def test_the_doctor_knows_what_pip_brought(user: User) -> None:
    found = json.loads(user.run("eggd", "doctor", "--json").stdout)
    states = {each["what"]: each["state"] for each in found}
    assert states["libraries"] == states["python"] == "ok"


def test_completion_is_for_the_installed_one(user: User) -> None:
    """The shells ask `eggd` itself, with its name and what was typed."""
    assert "_EGGD_COMPLETE" in user.run("eggd", "completion", "bash").stdout
