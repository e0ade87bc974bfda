"""The wheel in a fresh virtual environment of Debian's Python, with dependencies from PyPI."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from urllib.request import urlopen

import pytest

TOP = Path(__file__).resolve().parents[2]
LONGEST = 500.0
"""Seconds for the downloads, and for the first line of a suite."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


class Developer:
    """A user of this environment, whose home is a temporary folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {
            "PATH": f"{home}/venv/bin:/usr/bin:/bin",
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
def developer() -> Iterator[Developer]:
    with tempfile.TemporaryDirectory(prefix="egg-") as folder:
        os.chmod(folder, 0o755)
        developer = Developer(Path(folder))
        developer.run("/usr/bin/python3", "-m", "venv", "venv")
        developer.run("venv/bin/pip", "wheel", "-q", "--no-deps", "-w", "dist", str(TOP))
        [wheel] = (developer.home / "dist").glob("eggd-*.whl")
        developer.run("venv/bin/pip", "install", "-q", str(wheel))
        yield developer


def test_the_dependencies_are_those_of_the_wheel_alone(developer: Developer) -> None:
    assert "No broken requirements found" in developer.run("venv/bin/pip", "check")
    location = developer.run("venv/bin/python", "-c", "import eggd, rich; print(rich.__file__)")
    assert location.startswith(str(developer.home))


def test_a_new_project_passes_the_check_and_answers(developer: Developer) -> None:
    developer.run("eggd", "init", "shop")
    assert "shop" in developer.run("eggd", "--base", "shop", "check")
    with subprocess.Popen(
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
        if "eggd started on " in line:
            return line.partition("eggd started on ")[2].split()[0]
    raise AssertionError("".join(lines))
