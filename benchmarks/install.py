"""What the comparison needs and how it gets there: Debian packages, and egg from npm once."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "bench"

COMMANDS = {"wrk": "wrk", "node": "nodejs", "npm": "npm"}
"""Command -> Debian package."""
MODULES = {
    "uvloop": "python3-uvloop",
    "httptools": "python3-httptools",
    "logbook": "python3-logbook",
    "tornado": "python3-tornado",
    "sdnotify": "python3-sdnotify",
    "daemon": "python3-daemon",
    "watchdog": "python3-watchdog",
    "click": "python3-click",
    "rich": "python3-rich",
}
"""Module of the interpreter that runs this -> Debian package."""


def progress(text: str) -> None:
    """Say on stderr what is being done; stdout is for the result."""
    print(text, file=sys.stderr, flush=True)


def debian() -> None:
    """Install the Debian packages that are missing; exits with one line where that is not ours."""
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


def egg() -> Path:
    """Return the directory of the egg app with its packages, installed once per package-lock."""
    lock = (HERE / "egg" / "package-lock.json").read_bytes()
    home = CACHE / f"egg-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not home.exists():
        progress("installing egg from npm (once, about 20 s)")
        CACHE.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="npm-", dir=CACHE))
        shutil.copytree(HERE / "egg", made, dirs_exist_ok=True)
        argv = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(argv, cwd=made, stdout=sys.stderr, check=True)
        made.rename(home)
    for part in ("app", "config"):
        shutil.copytree(HERE / "egg" / part, home / part, dirs_exist_ok=True)
    return home
