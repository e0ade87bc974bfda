"""The pid file: the kernel's lock says who runs, and a dead process's file means nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eggd.errors import BootError
from eggd.supervisor.pidfile import FILE, PidFile, everywhere, found, running
from tests.house.imports import ROOT


def locked(run: Path, title: str = "shop") -> PidFile:
    file = PidFile(run)
    file.lock()
    file.write(title, run.parent)
    return file


def test_who_runs_is_known_to_others_and_the_first_line_is_the_pid(tmp_path: Path) -> None:
    file = locked(tmp_path / "run")
    suite = running(tmp_path / "run")
    assert suite is not None
    assert (suite.pid, suite.title, suite.given) == (os.getpid(), "shop", tmp_path)
    assert (tmp_path / "run" / FILE).read_text().splitlines()[0] == str(os.getpid())
    file.remove()
    assert running(tmp_path / "run") is None
    assert not (tmp_path / "run" / FILE).exists()


def test_a_second_one_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    file = locked(tmp_path / "run")
    with pytest.raises(BootError) as caught:
        PidFile(tmp_path / "run").lock()
    assert caught.value.message == (f"{tmp_path}: is being served already as shop [{os.getpid()}]")
    file.remove()


def test_asking_gets_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / FILE).write_text("1\nshop\n/\n")
    assert running(tmp_path / "run") is None
    locked(tmp_path / "run").remove()


DIES = """
import sys
from pathlib import Path
from tests.supervisor.test_pidfile import locked
file = locked(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


def test_the_file_of_a_dead_process_is_as_good_as_none(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DIES, str(tmp_path / "run")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        assert running(tmp_path / "run") is not None
        process.kill()
    assert (tmp_path / "run" / FILE).exists()
    assert running(tmp_path / "run") is None
    locked(tmp_path / "run").remove()


@pytest.mark.parametrize("text", ["", "x\ny\n", "99999999999999999999\n", "\0" * 5000, "\xff"])
def test_a_file_that_says_nothing_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    file = PidFile(tmp_path)
    file.lock()
    assert running(tmp_path) is None
    file.close()


def test_a_file_that_is_gone_already_is_no_error(tmp_path: Path) -> None:
    """process:CL-12"""
    file = locked(tmp_path / "run")
    (tmp_path / "run" / FILE).unlink()
    file.remove()


def test_a_suite_is_found_by_its_link_after_that_points_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """process:SCR-23"""
    for release in ("one", "two"):
        (tmp_path / release).mkdir()
    link = tmp_path / "current"
    link.symlink_to("one")
    file = PidFile(tmp_path / "one" / "run")
    file.lock()
    file.write("shop", link)
    monkeypatch.chdir(tmp_path / "one")
    assert found(link) == running(tmp_path / "one" / "run")
    link.unlink()
    link.symlink_to("two")
    suite = found(link)
    assert suite is not None
    assert suite.run == tmp_path / "one" / "run"
    assert suite in list(everywhere())
    file.remove()


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(BootError, match=r"run/eggd\.pid: "):
        PidFile(tmp_path / "run").lock()
