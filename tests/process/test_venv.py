"""The interpreter of an app: which .venv is used, and why another one cannot be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from eggd.errors import InterpreterError
from eggd.host.venv import enter_venv
from eggd.systemd import Notifier


def make(folder: Path, settings: str = "include-system-site-packages = true\n") -> Path:
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (folder / ".venv" / "pyvenv.cfg").write_text(settings)
    return folder


def test_without_a_venv_the_process_stays(tmp_path: Path) -> None:
    enter_venv(tmp_path, ["none"], Notifier({}))


def test_a_venv_is_entered_by_the_same_pid(tmp_path: Path) -> None:
    python = make(tmp_path) / ".venv" / "bin" / "python"
    python.unlink()
    python.write_text('#!/bin/sh\necho "$$ $EGGD_ENTERED $*"\n')
    python.chmod(0o755)
    code = (
        "import os, sys; from pathlib import Path; from eggd.host.venv import enter_venv;"
        "from eggd.systemd import Notifier; print(os.getpid(), flush=True);"
        "enter_venv(Path(sys.argv[1]), ['eggd.process.worker', '3'], Notifier({}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    pid = done.stdout.split()[0]
    assert done.stdout.splitlines()[1] == f"{pid} {pid} -P -m eggd.process.worker 3"


@pytest.mark.parametrize(
    ("target", "settings", "line"),
    [
        (None, "include-system-site-packages = false\n", "eggd is not installed there"),
        ("/nowhere/python3", "include-system-site-packages = true\n", "it does not exist"),
        ("/root/nowhere/python3", "", "is hidden by ProtectHome=yes"),
        ("/etc/passwd", "", "it is not executable"),
    ],
)
def test_an_unusable_interpreter_is_one_line(
    tmp_path: Path, target: str | None, settings: str, line: str
) -> None:
    python = make(tmp_path, settings) / ".venv" / "bin" / "python"
    if target is not None:
        python.unlink()
        python.symlink_to(target)
    with pytest.raises(InterpreterError, match=line):
        enter_venv(tmp_path, ["none"], Notifier({}))
