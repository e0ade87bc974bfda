"""Runs an app with the interpreter of its own virtual environment.

`execv` keeps pid, descriptors and environment, so LISTEN_PID stays valid. `addsitedir` would not
do: Debian's modules would win over the app's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from eggd.errors import InterpreterError
from eggd.smallfile import read_small
from eggd.systemd import Notifier

_ENTERED = "EGGD_ENTERED"


def entered_venv() -> bool:
    """Returns whether `enter_venv` replaced this process: then it is not a new start."""
    return os.environ.get(_ENTERED) == str(os.getpid())


def enter_venv(base_dir: Path, module: list[str], notifier: Notifier) -> None:
    """Replaces this process by `<base_dir>/.venv/bin/python -m module ...`.

    Returns if that interpreter does not exist or runs already. Raises InterpreterError if it is
    unusable.
    """
    folder = base_dir / ".venv"
    if not folder.exists() or Path(sys.prefix) == folder:
        return
    error = problem(folder)
    if error is not None:
        raise error
    python = folder / "bin" / "python"
    notifier.status(f"entering {folder}")
    os.environ[_ENTERED] = str(os.getpid())
    os.execv(python, [str(python), "-P", "-m", *module])


def problem(folder: Path) -> InterpreterError | None:
    """Returns why a virtual environment cannot be used; None if it can."""
    python = folder / "bin" / "python"
    if not os.access(python, os.X_OK):
        return InterpreterError(
            f"{python}: the interpreter of the app's .venv cannot be run: {_reason(python)}",
            hint=f"run 'python3 -m venv --system-site-packages {folder}' with Debian's python3",
        )
    if not _has_eggd(folder):
        return InterpreterError(
            f"{folder}: eggd is not installed there",
            hint=f"run 'python3 -m venv --system-site-packages {folder}' or pip install eggd there",
        )
    return None


def _has_eggd(folder: Path) -> bool:
    if any(folder.glob("lib/python3*/site-packages/eggd*")):
        return True
    if any(folder.glob("lib/python3*/site-packages/*eggd*.pth")):
        return True
    try:
        settings = read_small(folder / "pyvenv.cfg").decode(errors="replace").lower()
    except OSError:
        return False
    return "include-system-site-packages = true" in settings


def _reason(python: Path) -> str:
    target = os.path.realpath(python)
    if target.startswith(("/home/", "/root/")):
        return f"{target} is hidden by ProtectHome=yes of the unit"
    return "it does not exist" if not os.path.exists(target) else "it is not executable"
