"""Completion in real bash, fish and zsh, with the files that the package installs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.host import ROOT, Host

pytestmark = pytest.mark.slow

FILES = ROOT / "packaging/completion"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a home directory with `bin/eggd`."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "bin").mkdir()
    eggd = folder / "bin/eggd"
    eggd.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -P -m eggd "$@"\n')
    eggd.chmod(0o755)
    return folder


def environ(home: Path) -> dict[str, str]:
    return {"PATH": f"{home}/bin:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8"}


def ran(home: Path, *argv: str) -> str:
    done = subprocess.run(
        argv, env=environ(home), cwd=home, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


IN_BASH = """
. {file}
COMP_WORDS=({words}) COMP_CWORD={last}
_eggd_completion eggd
printf '%s\\n' "${{COMPREPLY[@]}}"
"""

CASES = [
    ("eggd st", {"start", "stop", "status"}),
    ("eggd status --j", {"--json"}),
    ("eggd completion z", {"zsh"}),
]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_bash_completes(home: Path, line: str, expected: set[str]) -> None:
    # core:CB-9
    script = IN_BASH.format(file=FILES / "eggd", words=line, last=len(line.split()) - 1)
    assert set(ran(home, "bash", "--norc", "-c", script).split()) == expected


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_fish_completes(home: Path, line: str, expected: set[str]) -> None:
    script = f"source {FILES / 'eggd.fish'}; complete -C '{line}'"
    found = ran(home, "fish", "--no-config", "-c", script).splitlines()
    assert {each.partition("\t")[0] for each in found} == expected


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("eggd vers", "eggd version"), ("eggd status --j", "eggd status --json")],
)
def test_zsh_completes(home: Path, typed: str, completed: str) -> None:
    """Runs zsh in a pseudo-terminal, because completion works only there."""
    (home / "functions").mkdir(exist_ok=True)
    shutil.copy(FILES / "_eggd", home / "functions")
    (home / ".zshrc").write_text("fpath=(~/functions $fpath)\nautoload -Uz compinit; compinit -u\n")
    pid, terminal = os.forkpty()
    if not pid:
        os.chdir(home)
        os.execvpe("zsh", ["zsh", "-i"], {**environ(home), "TERM": "dumb", "PS1": "at> "})
    try:
        until(terminal, "at> ")
        os.write(terminal, f"{typed}\t".encode())
        until(terminal, completed)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(pid, 0)


def until(terminal: int, text: str) -> None:
    """Reads the terminal until it shows the text; raises OSError at its end."""
    shown = ""
    while text not in shown:
        shown += os.read(terminal, 4096).decode(errors="replace")


def test_an_unknown_shell_is_one_line(tmp_path: Path) -> None:
    done = Host(tmp_path).eggd("completion", "tcsh")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "tcsh" in done.stderr
