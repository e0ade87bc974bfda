"""The wheel in fresh virtual environments of Debian's Python, by pip and by pipx."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from urllib.request import urlopen

import pytest

from tests.program import Program

TOP = Path(__file__).resolve().parents[2]
LONGEST = 500.0
"""Seconds for the downloads, and for the first line of a suite."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Developer:
    """A user of this environment, whose home is a temporary folder."""

    def __init__(self, home: Path, way: str) -> None:
        self.home = home
        self.way = way
        """The way in which the wheel is installed, a key of WAYS."""
        self.path = "venv/bin" if way == "pip" else ".local/bin"
        """The folder of the command in the home."""
        self.environ = {
            "PATH": f"{home}/{self.path}:/usr/bin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "EGG_DEFAULTS": "/dev/null",
            "EGGD_USER": os.environ["EGGD_USER"],
            **{key: value for key, value in os.environ.items() if key.startswith("PIP_")},
        }

    def run(self, *command: str) -> str:
        """Returns the output of a command that must succeed."""
        done = subprocess.run(
            command,
            cwd=self.home,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(TOP)]
    subprocess.run(pip, check=True, stdin=subprocess.DEVNULL, timeout=LONGEST)
    [wheel] = folder.glob("eggd-*.whl")
    return wheel


def _by_pip(developer: Developer, wheel: str) -> None:
    developer.run("/usr/bin/python3", "-m", "venv", "venv")
    developer.run("venv/bin/pip", "install", "-q", wheel, "pytest")
    assert "No broken requirements found" in developer.run("venv/bin/pip", "check")


def _by_pipx(developer: Developer, *arguments: str) -> None:
    developer.run("pipx", "install", *arguments)
    developer.run("pipx", "inject", "eggd", "pytest")


WAYS: dict[str, Callable[[Developer, str], None]] = {
    "pip": _by_pip,
    "pipx": _by_pipx,
    "pipx with Debian's packages": lambda developer, wheel: _by_pipx(
        developer, "--system-site-packages", wheel
    ),
}


_PARAMS = [
    pytest.param(way, marks=pytest.mark.soak if "Debian" in way else (), id=way) for way in WAYS
]


@pytest.fixture(scope="module", params=_PARAMS)
def developer(request: pytest.FixtureRequest, wheel: Path) -> Iterator[Developer]:
    """A user who has installed the wheel in each way of docs/install.md."""
    with tempfile.TemporaryDirectory(prefix="egg-") as folder:
        os.chmod(folder, 0o755)
        developer = Developer(Path(folder), request.param)
        WAYS[developer.way](developer, str(wheel))
        yield developer


def test_the_dependencies_are_those_of_the_wheel_alone(developer: Developer) -> None:
    """Or those of Debian, if the environment has access to them."""
    command = (developer.home / developer.path / "eggd").resolve()
    assert command.is_relative_to(developer.home)
    python = str(command.with_name("python"))
    location = developer.run(python, "-c", "import eggd, rich; print(rich.__file__)")
    is_own = Path(location).is_relative_to(developer.home)
    assert is_own == ("Debian" not in developer.way), location


def test_a_new_project_passes_its_tests_and_the_check_and_answers(developer: Developer) -> None:
    developer.run("eggd", "init", "shop")
    assert "shop" in developer.run("eggd", "--base", "shop", "check")
    assert " passed" in developer.run("eggd", "--base", "shop", "test")
    with Program(
        ["eggd", "dev", "shop", "--port", "0"],
        cwd=developer.home,
        env=developer.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as suite:
        late = Timer(LONGEST, suite.kill)
        late.start()
        try:
            with urlopen(_address(suite), timeout=LONGEST) as answer:
                assert answer.status == 200
        finally:
            late.cancel()
            suite.send_signal(signal.SIGTERM)
            suite.communicate()


def _address(suite: subprocess.Popen[str]) -> str:
    """Returns the URL in the line of a ready suite."""
    assert suite.stdout is not None
    lines = []
    for line in suite.stdout:
        lines.append(line)
        if line.startswith("ready: "):
            return line.split()[1]
    raise AssertionError("".join(lines))
