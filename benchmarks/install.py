"""Installs what the comparison needs, once: packages of Debian, npm and PyPI."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
APPS = HERE / "apps"
CACHE = HERE.parent / ".cache" / "bench"
PYTHON = "/usr/bin/python3"

COMMANDS = {"wrk": "wrk", "node": "nodejs", "npm": "npm"}
"""Command -> Debian package."""
MODULES = {
    "ensurepip": "python3-venv",
    "uvloop": "python3-uvloop",
    "jinja2": "python3-jinja2",
    "logbook": "python3-logbook",
    "tornado": "python3-tornado",
    "sdnotify": "python3-sdnotify",
    "daemon": "python3-daemon",
    "watchdog": "python3-watchdog",
    "click": "python3-click",
    "rich": "python3-rich",
    "rapidjson": "python3-rapidjson",
}
"""Module of the interpreter that runs this -> Debian package."""


LONGEST = 200
"""Seconds for one download: npm alone waits for minutes for a registry that does not answer."""


class PeerError(Exception):
    """Raised if a peer cannot be installed, started or measured; its text is one line."""


def progress(text: str) -> None:
    """Says on stderr what is being done; stdout is for the result."""
    print(text, file=sys.stderr, flush=True)


def debian_packages() -> None:
    """Installs the Debian packages that are missing; exits with one line if that needs root."""
    missing = [package for name, package in COMMANDS.items() if shutil.which(name) is None]
    missing += [
        package for name, package in MODULES.items() if importlib.util.find_spec(name) is None
    ]
    if not missing:
        return
    if os.geteuid() != 0:
        sys.exit(f"bench: missing packages (apt install {' '.join(missing)})")
    progress(f"installing {' '.join(missing)}")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for argv in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        subprocess.run(["apt-get", "-q", *argv], env=environ, stdout=sys.stderr, check=True)


def own() -> Path:
    """Returns where the apps are that need nothing installed."""
    return APPS / "python"


def egg() -> Path:
    """Returns the directory of the egg app with its packages."""
    return npm(APPS / "egg")


def node() -> Path:
    """Returns the directory of the apps of koa and fastify with their packages."""
    return npm(APPS / "node")


def starlette() -> Path:
    """Returns the virtual environment of uvicorn and starlette, on Debian's python3."""

    def fill(folder: Path) -> None:
        _run("-m", "venv", str(folder))
        _pip(folder, "-r", str(APPS / "python" / "requirements.txt"))

    return _once("starlette", [APPS / "python" / "requirements.txt"], fill)


def starlette_forms() -> Path:
    """Returns the same with python-multipart, for forms."""
    lists = [APPS / "python" / "requirements.txt", APPS / "python" / "upload.txt"]

    def fill(folder: Path) -> None:
        _run("-m", "venv", str(folder))
        _pip(folder, *(option for each in lists for option in ("-r", str(each))))

    return _once("starlette-forms", lists, fill)


def granian() -> Path:
    """Returns the virtual environment of Granian with orjson, on Debian's python3."""
    lists = [APPS / "python" / "granian.txt", APPS / "python" / "orjson.txt"]

    def fill(folder: Path) -> None:
        _run("-m", "venv", str(folder))
        _pip(folder, *(option for each in lists for option in ("-r", str(each))))

    return _once("granian", lists, fill)


def pydantic() -> Path:
    """Returns the virtual environment of pydantic, on Debian's python3."""
    requirements = APPS / "python" / "pydantic.txt"

    def fill(folder: Path) -> None:
        _run("-m", "venv", str(folder))
        _pip(folder, "-r", str(requirements))

    return _once("pydantic", [requirements], fill)


def structlog() -> Path:
    """Returns the virtual environment of structlog, on Debian's python3."""
    requirements = APPS / "python" / "log.txt"

    def fill(folder: Path) -> None:
        _run("-m", "venv", str(folder))
        _pip(folder, "-r", str(requirements))

    return _once("structlog", [requirements], fill)


def orjson() -> Path:
    """Returns the directory, for PYTHONPATH, that holds orjson and nothing else."""
    pip = starlette()

    def fill(folder: Path) -> None:
        _pip(pip, "--target", str(folder), "-r", str(APPS / "python" / "orjson.txt"))

    return _once("orjson", [APPS / "python" / "orjson.txt"], fill)


def npm(source: Path) -> Path:
    """Returns a copy of an application of Node, with the packages of its package-lock.json."""

    def fill(folder: Path) -> None:
        shutil.copytree(source, folder, dirs_exist_ok=True)
        _run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)

    files = sorted(file for file in source.rglob("*") if file.is_file())
    return _once(source.name, files, fill)


def _once(name: str, files: list[Path], fill: Callable[[Path], None]) -> Path:
    """Returns a directory of the cache that `fill` made of some files; other ones, another."""
    made_of = hashlib.sha256(
        b"".join(
            f"{file.relative_to(HERE.parent)}\0".encode() + file.read_bytes() for file in files
        )
    )
    home = CACHE / f"{name}-{made_of.hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests in several processes may need it at once
        if not (home / ".filled").exists():
            progress(f"installing {name} (once)")
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            fill(home)
            (home / ".filled").touch()
    return home


def _pip(venv: Path, *argv: str) -> None:
    _run(str(venv / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", *argv)


def _run(*argv: str, cwd: Path | None = None) -> None:
    """Runs a command; raises PeerError with its last line if it fails."""
    command = [PYTHON, *argv] if argv[0] == "-m" else list(argv)
    limited = ["timeout", "--kill-after=10", str(LONGEST), *command]  # with what it has started
    done = subprocess.run(limited, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode in (124, 137):
        raise PeerError(f"`{' '.join(command[:4])} ...` took longer than {LONGEST} s")
    if done.returncode:
        lines = (done.stderr + done.stdout).strip().splitlines() or ["nothing"]
        raise PeerError(f"`{' '.join(command[:4])} ...` said: {lines[-1].strip()}")
