"""Runs mypy and pyright as the developer of an application does: with eggd installed."""

from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.house.imports import ROOT


def environment(folder: Path) -> Path:
    """Makes a virtual environment that has eggd and Debian's packages; returns its Python."""
    argv = ["/usr/bin/python3", "-m", "venv", "--system-site-packages", "--without-pip"]
    subprocess.run([*argv, str(folder)], check=True)
    [packages] = (folder / "lib").glob("python3*/site-packages")
    (packages / "eggd.pth").write_text(f"{ROOT}\n")
    return folder / "bin/python"


def eggd(base_dir: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Runs `eggd` in the folder of an application, as the user of the tests."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    environ = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{path}",
        "EGGD_USER": user,
        "EGG_DEFAULTS": "/dev/null",
    }
    argv = [sys.executable, "-P", "-m", "eggd", *arguments]
    return subprocess.run(
        argv, cwd=base_dir, env=environ, capture_output=True, text=True, check=False
    )


def mypy(base_dir: Path, python: Path, cache: Path | None = None) -> Mapping[str, set[int]]:
    """Returns the lines with errors by the path of their file.

    `cache` is a folder that several projects may share: they have eggd and the library in common.
    """
    option = f"--cache-dir={cache or base_dir.parent / 'mypy'}"
    argv = [sys.executable, "-m", "mypy", "--python-executable", str(python), option, "."]
    done = subprocess.run(argv, cwd=base_dir, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: dict[str, set[int]] = {}
    for match in re.finditer(r"^(.+?):(\d+): error: .*", done.stdout, re.MULTILINE):
        found.setdefault(match[1], set()).add(int(match[2]))
    assert found or done.returncode == 0, done.stdout
    return found


def pyright(base_dir: Path, python: Path) -> Mapping[str, set[int]]:
    """Returns the lines with errors by the path of their file."""
    argv = [sys.executable, "-m", "pyright", "--pythonpath", str(python), "--outputjson"]
    done = subprocess.run(argv, cwd=base_dir, capture_output=True, text=True, check=False)
    found: dict[str, set[int]] = {}
    for each in json.loads(done.stdout)["generalDiagnostics"]:
        if each["severity"] == "error":
            path = str(Path(each["file"]).relative_to(base_dir))
            found.setdefault(path, set()).add(each["range"]["start"]["line"] + 1)
    return found
