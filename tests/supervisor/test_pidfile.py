"""The pid file: the kernel's lock says who runs, and a dead process's file means nothing."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.errors import BootError
from eggd.supervisor import rundir
from eggd.supervisor.pidfile import FILE, LOCK, PidFile, everywhere, find, running
from tests.house.imports import ROOT
from tests.program import Program


def locked(run: Path, title: str = "shop") -> PidFile:
    file = PidFile(run)
    file.lock()
    file.write(title, run.parent)
    return file


def test_a_running_suite_is_found_and_the_first_line_is_the_pid(tmp_path: Path) -> None:
    file = locked(tmp_path / "run")
    suite = running(tmp_path / "run")
    assert suite is not None
    assert (suite.pid, suite.title, suite.given) == (os.getpid(), "shop", tmp_path)
    assert (tmp_path / "run" / FILE).read_text().splitlines()[0] == str(os.getpid())
    file.remove()
    assert running(tmp_path / "run") is None
    assert not (tmp_path / "run" / FILE).exists()


def test_a_second_supervisor_is_refused_and_the_error_names_the_first(tmp_path: Path) -> None:
    file = locked(tmp_path / "run")
    with pytest.raises(BootError) as caught:
        PidFile(tmp_path / "run").lock()
    assert caught.value.message == (f"{tmp_path}: is already running as shop [{os.getpid()}]")
    file.remove()


def test_a_query_does_not_lock_the_pid_file(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / FILE).write_text("1\nshop\n/\n")
    assert running(tmp_path / "run") is None
    locked(tmp_path / "run").remove()


DIES = """
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from tests.supervisor.test_pidfile import locked
file = locked(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


def test_the_file_of_a_dead_process_is_as_good_as_none(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DIES, str(tmp_path / "run")]
    pipe = subprocess.PIPE
    with Program(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
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


def test_removing_a_missing_pid_file_is_not_an_error(tmp_path: Path) -> None:
    # process:CL-12
    file = locked(tmp_path / "run")
    (tmp_path / "run" / FILE).unlink()
    file.remove()


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of all runtime directories of this test."""
    with tempfile.TemporaryDirectory(prefix="egg-") as home:
        monkeypatch.setenv("XDG_RUNTIME_DIR", home)
        for name in ("HOST", "SHARED", "SESSIONS"):
            monkeypatch.setattr(rundir, name, Path(home) / name)
        yield Path(home)


def started(given: Path, title: str = "shop") -> PidFile:
    """The files of a suite in this process."""
    file = PidFile(rundir.make(given))
    file.lock()
    file.write(title, given)
    return file


def titles(here: Path) -> set[str]:
    """The suites in a folder; others may run on this machine."""
    return {each.title for each in everywhere() if each.run.is_relative_to(here)}


def test_a_suite_is_found_by_its_link_whatever_happens_to_releases(here: Path) -> None:
    # process:SCR-23
    for release in ("one", "two"):
        (here / release).mkdir()
    link = here / "current"
    link.symlink_to("one")
    file = started(link)
    link.unlink()
    link.symlink_to("two")
    (here / "one").rmdir()
    for given in (link, here / "two"):
        suite = find(given)
        assert suite is not None
        assert (suite.run, suite.given, suite.uid) == (file.run, link, os.geteuid())
    assert find(here / "one") is None
    file.remove()
    assert find(link) is None


def test_a_suite_is_found_by_its_working_directory_where_the_rule_misses_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = started(here / "shop")
    monkeypatch.chdir(file.run)
    (here / "other").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(here / "other"))
    suite = find(here / "shop")
    assert suite is not None
    assert suite.run == file.run
    file.remove()


def test_several_apps_have_a_directory_each(here: Path) -> None:
    files = [started(here / name / "app", name) for name in ("a", "b")]
    assert titles(here) == {"a", "b"}
    for file in files:
        file.remove()


@pytest.mark.parametrize(
    "text", ["9\n\x1b]0;x\n/srv\n", "9\nshop\n/srv/\x1b[2J\n", "9\nshop\nsrv\n"]
)
def test_text_that_could_fool_a_terminal_names_no_suite(here: Path, text: str) -> None:
    file = started(here / "shop")
    file.path.write_text(text.replace("9", str(os.getpid()), 1))
    assert titles(here) == set()
    file.remove()


def test_a_file_cannot_name_the_process_of_another_user(here: Path) -> None:
    """Root's `eggd stop` would kill it."""
    file = started(here / "shop")
    os.chown(file.run, 4711, 4711)
    os.chown(file.path, 4711, 4711)
    assert running(file.run) is None
    file.remove()


def test_only_a_regular_file_of_the_user_is_read(here: Path) -> None:
    file = started(here / "shop")
    text = file.path.read_text()
    file.path.unlink()
    os.mkfifo(file.path)
    assert running(file.run) is None
    file.path.unlink()
    (here / "planted").write_text(text)
    file.path.symlink_to(here / "planted")
    assert running(file.run) is None
    file.remove()


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_the_modes_are_the_same_whatever_the_umask_is(here: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        file = started(here / "shop")
    finally:
        os.umask(before)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.run.iterdir()}
    assert modes == {FILE: 0o644, LOCK: 0o600}
    assert stat.S_IMODE(file.run.stat().st_mode) == 0o755
    file.remove()


def test_files_that_were_removed_are_written_again(here: Path) -> None:
    file = started(here / "shop")
    shutil.rmtree(file.run)
    assert find(here / "shop") is None
    file.restore()
    assert find(here / "shop") is not None
    with pytest.raises(BootError, match="is already running as shop"):
        PidFile(file.run).lock()
    file.remove()


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(BootError, match="/run: Not a directory"):
        PidFile(tmp_path / "run").lock()
