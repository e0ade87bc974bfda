"""From nothing to an app that is tested and serves: eggd installed by pip, as a new user has it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.cli.host import ROOT
from tests.program import Program

pytestmark = pytest.mark.slow

PYTHON = "/usr/bin/python3"
"""Debian's own, with the libraries that eggd needs."""


class User:
    """A user with a home directory and a virtual environment in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.run(PYTHON, "-m", "venv", "--system-site-packages", ".venv")
        offline = ["--no-index", "--no-deps", "--no-build-isolation", "-q"]
        self.run(".venv/bin/pip", "install", "--disable-pip-version-check", *offline, str(ROOT))
        # As `pip install pytest coverage` would, without a network.
        [site] = home.glob(".venv/lib/python3*/site-packages")
        (site / "tools.pth").write_text(f"{sysconfig.get_path('purelib')}\n")

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PATH": f"{self.home}/.venv/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "EGG_DEFAULTS": "/dev/null",
            "EGGD_USER": os.environ["EGGD_USER"],
        }

    def run(self, *command: str, cwd: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            cwd=self.home / cwd,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done

    @contextmanager
    def developing(self, cwd: str) -> Iterator[Developing]:
        """`eggd dev`, until the block ends: then Ctrl-C."""
        with Program(
            ["eggd", "dev"],
            cwd=self.home / cwd,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield Developing(process)
            finally:
                process.send_signal(signal.SIGINT)
                process.communicate()


class Developing:
    """A running `eggd dev`, and its output."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._lines = process.stdout
        self.url = re.findall(r"http://\S+", self.until("ready: "))[0]

    def until(self, text: str) -> str:
        """Reads until a line has the text, and returns it; AssertionError at the end."""
        assert self._lines is not None
        said = []
        for line in self._lines:
            said.append(line)
            if text in line:
                return line
        raise AssertionError("".join(said))

    def get(self) -> str:
        with urlopen(self.url) as answer:
            body: bytes = answer.read()
        return body.decode()


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


def test_it_is_served_and_so_is_what_is_saved(user: User) -> None:
    user.run("eggd", "init", "site")
    config = user.home / "site/config/config_default.py"
    with user.developing("site") as dev:
        assert dev.get() == "hi, egg"
        config.write_text(config.read_text().replace("hi, egg", "hello, egg"))
        dev.until("reloaded (")
        assert dev.get() == "hello, egg"


@pytest.mark.parametrize("kind", ["plugin", "framework"])
def test_from_init_to_a_package(user: User, kind: str) -> None:
    """An app is checked with the framework's package installed beside eggd."""
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
    """A shell runs `eggd` with the typed words in variables."""
    assert "_EGGD_COMPLETE" in user.run("eggd", "completion", "bash").stdout
