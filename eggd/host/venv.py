"""An app with a virtual environment of its own runs in that one's interpreter.

`execv` at once: same pid, descriptors and environment, so LISTEN_PID stays right; never
`addsitedir`, by which Debian's modules would win over the app's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from eggd.errors import BootError
from eggd.smallfile import read_small
from eggd.systemd import Notifier

_ENTERED = "EGGD_ENTERED"


def entered_venv() -> bool:
    """Returns whether this very process has come here by `enter_venv`: it is not a new start."""
    return os.environ.get(_ENTERED) == str(os.getpid())


def enter_venv(base_dir: Path, module: list[str], notifier: Notifier) -> None:
    """Replaces this process by `<base_dir>/.venv/bin/python -m module ...`, where there is one.

    Returns where there is none or it is ours already; raises BootError when it cannot be used.
    """
    folder = base_dir / ".venv"
    if not folder.exists() or Path(sys.prefix) == folder:
        return
    wrong = problem(folder)
    if wrong is not None:
        raise wrong
    python = folder / "bin" / "python"
    notifier.status(f"entering {folder}")
    os.environ[_ENTERED] = str(os.getpid())
    os.execv(python, [str(python), "-P", "-m", *module])


def problem(folder: Path) -> BootError | None:
    """Returns why a virtual environment cannot be entered, None where it can."""
    python = folder / "bin" / "python"
    if not os.access(python, os.X_OK):
        return BootError(
            f"{python}: the interpreter of the app's .venv cannot be run: {_reason(python)}",
            hint=f"make it of Debian's python3: python3 -m venv --system-site-packages {folder}",
        )
    if not _has_eggd(folder):
        return BootError(
            f"{folder}: has no eggd in it",
            hint=f"python3 -m venv --system-site-packages {folder}, or pip install eggd there",
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
