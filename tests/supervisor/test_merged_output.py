"""The merged output of all processes: priorities, colours, lost lines, and files."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest

from eggd.errors import FileError
from eggd.supervisor.merged_output import MergedOutput, open_log_file, timestamp

STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ")


def written(text: str, *, colour: bool = False) -> tuple[str, str]:
    """Returns what one entry puts on both descriptors, without the time."""
    pipes = [os.pipe(), os.pipe()]
    MergedOutput(pipes[0][1], pipes[1][1], colour=colour).write_line("egg-worker@1", 7, text)
    for _, writer in pipes:
        os.close(writer)
    out, err = (Path(f"/proc/self/fd/{reader}").read_text() for reader, _ in pipes)
    for reader, _ in pipes:
        os.close(reader)
    for line in filter(None, (out, err)):
        assert STAMP.match(line)
    return STAMP.sub("", out), STAMP.sub("", err)


@pytest.mark.parametrize(
    ("text", "out", "err"),
    [
        ("<6>fine", "egg-worker@1[7]: fine\n", ""),
        ("plain", "egg-worker@1[7]: plain\n", ""),
        ("<4>careful", "egg-worker@1[7]: careful\n", ""),
        ("<3>broken", "", "egg-worker@1[7]: broken\n"),
        ("<9>odd", "egg-worker@1[7]: <9>odd\n", ""),
        ("a\x1b[31mb\tc", "egg-worker@1[7]: a\\x1b[31mb\tc\n", ""),
    ],
)
def test_a_line_goes_where_its_priority_says(text: str, out: str, err: str) -> None:
    assert written(text) == (out, err)


def test_colours_are_for_terminals() -> None:
    assert written("<3>broken", colour=True)[1] == "egg-worker@1[7]: \x1b[31mbroken\x1b[0m\n"


@pytest.mark.parametrize(
    ("nanoseconds", "milliseconds"),
    [(999_700_000, "999"), (999_400_000, "999"), (0, "000"), (1_999_999, "001")],
)
def test_milliseconds_are_cut_and_not_rounded(nanoseconds: int, milliseconds: str) -> None:
    second = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1_700_000_000))
    expected = f"{second}.{milliseconds}"
    assert timestamp(1_700_000_000 * 10**9 + nanoseconds) == expected


def test_a_pipe_that_is_not_read_loses_lines_and_reports_their_number() -> None:
    """No line delays the loop again after the first timeout; no line is joined to another."""
    reader, writer = os.pipe()
    output = MergedOutput(writer)
    for _ in range(100):
        output.write_line("x", 1, "y" * 10_000)
    lines = os.read(reader, 1 << 20).decode().splitlines()
    output.write_line("x", 1, "read again")
    report, last = os.read(reader, 1 << 20).decode().splitlines()[-2:]
    os.close(reader)
    output.write_line("x", 1, "into a closed pipe")
    os.close(writer)
    complete = sum(len(STAMP.sub("", line)) == 10_006 for line in lines)
    cause = "the reader of the pipe does not read"
    assert STAMP.sub("", report) == (
        f"egg-master[{os.getpid()}]: output lines lost: {100 - complete} ({cause})"
    )
    assert STAMP.sub("", last) == "x[1]: read again"


def test_lines_that_a_full_disk_loses_are_reported_once(tmp_path: Path) -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    output = MergedOutput(fd)
    for number in range(3):
        output.write_line("x", 1, f"lost {number}")
    path = tmp_path / "out.log"
    new = open_log_file(path)
    os.dup2(new, fd)
    for text in ("written", "again"):
        output.write_line("x", 1, text)
    os.close(new)
    os.close(fd)
    assert [STAMP.sub("", line) for line in path.read_text().splitlines()] == [
        f"egg-master[{os.getpid()}]: output lines lost: 3 (No space left on device)",
        "x[1]: written",
        "x[1]: again",
    ]


def test_a_file_that_is_there_is_renamed_first(tmp_path: Path) -> None:
    # process:SCR-6
    path = tmp_path / "logs" / "out.log"
    for text in (b"old", b"new"):
        fd = open_log_file(path)
        os.write(fd, text)
        os.close(fd)
    others = [each for each in path.parent.iterdir() if each != path]
    assert path.read_text() == "new"
    assert [each.read_text() for each in others] == ["old"]
    assert re.fullmatch(r"out\.log\.\d{8}\.\d{6}", others[0].name)


def test_a_file_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="file/out: "):
        open_log_file(tmp_path / "file" / "out")


@pytest.mark.parametrize("target", ["victim", "missing"])
def test_a_link_is_not_followed(tmp_path: Path, target: str) -> None:
    path, victim = tmp_path / "out.log", tmp_path / "victim"
    victim.write_text("precious")
    path.symlink_to(tmp_path / target)
    with pytest.raises(FileError, match=r"out\.log: is a link; name the file itself"):
        open_log_file(path)
    assert (victim.read_text(), path.is_symlink()) == ("precious", True)
    assert not (tmp_path / "missing").exists()


def test_a_link_to_a_device_is_followed_but_not_another_users(tmp_path: Path) -> None:
    """As in containers: logs/master-stdout.log -> /dev/stdout."""
    path = tmp_path / "out.log"
    path.symlink_to(os.devnull)
    os.close(open_log_file(path))
    assert path.is_symlink()
    os.chown(path, 4711, 4711, follow_symlinks=False)
    with pytest.raises(FileError, match="is a link"):
        open_log_file(path)


def test_a_device_is_never_renamed() -> None:
    os.close(open_log_file(Path("/dev/null")))
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_log_file_is_never_written_to_by_others(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        os.close(open_log_file(tmp_path / "logs" / "out.log"))
    finally:
        os.umask(before)
    modes = [each.stat().st_mode & 0o022 for each in (tmp_path / "logs", tmp_path / "logs/out.log")]
    assert modes == [0, 0]


def test_a_file_that_was_renamed_or_removed_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "out.log"
    fd = open_log_file(path)
    output = MergedOutput(fd, files={fd: path})
    output.write_line("a", 1, "first")
    output.reopen()
    output.write_line("a", 1, "second")
    assert len(path.read_text().splitlines()) == 2
    shutil.rmtree(path.parent)
    output.reopen()
    output.write_line("a", 1, "third")
    assert path.read_text().endswith("a[1]: third\n")
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("")
    output.reopen()
    output.write_line("a", 1, "lost, and no error")
    os.close(fd)
