"""Why the former process of a slot ended: what it wrote itself wins over systemd's words."""

from pathlib import Path

import pytest

from eggd.endfile import exit_line, of_exit, take, write, write_exit
from eggd.suite.restart import CRASHED, MEMORY, RECYCLED, WATCHDOG, Restart

OWN = Restart(RECYCLED, "recycled after 10,000 requests")
KILLED = Restart(CRASHED, "killed by SIGKILL")


@pytest.mark.parametrize(
    ("own", "line", "expected"),
    [
        (None, "", None),
        (OWN, "", OWN),
        (None, "signal killed KILL\n", KILLED),
        (OWN, "signal killed KILL\n", OWN),
    ],
)
def test_the_next_process_takes_it_once(
    tmp_path: Path, own: Restart | None, line: str, expected: Restart | None
) -> None:
    if own:
        write(tmp_path, 3, own)
    if line:
        write_exit(tmp_path, 3, line)
    assert take(tmp_path, 3) == expected
    assert take(tmp_path, 3) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"kind": "x", "text": "y"}', '{"kind": "crashed", "text": 1}']
)
def test_a_malformed_file_is_ignored(tmp_path: Path, content: str) -> None:
    (tmp_path / "worker-3.end").write_text(content)
    assert take(tmp_path, 3) is None


def test_a_text_is_one_short_line(tmp_path: Path) -> None:
    write(tmp_path, 1, Restart(CRASHED, "a\nb" + "x" * 10_000))
    taken = take(tmp_path, 1)
    assert taken is not None
    assert taken.text.startswith("a bx")
    assert len(taken.text) == 500


def test_a_missing_directory_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "absent", 1, OWN)
    write_exit(tmp_path / "absent", 1, "signal killed KILL")
    assert take(tmp_path / "absent", 1) is None


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("signal killed KILL\n", CRASHED, "killed by SIGKILL"),
        ("core-dump dumped SEGV", CRASHED, "killed by SIGSEGV"),
        ("exit-code exited 3", CRASHED, "exited with 3"),
        ("watchdog dumped ABRT", WATCHDOG, "no sign of life (WatchdogSec=), killed by SIGABRT"),
        ("oom-kill killed KILL", MEMORY, "out of memory, killed by SIGKILL"),
        (exit_line(-9), CRASHED, "killed by SIGKILL"),
        (exit_line(7), CRASHED, "exited with 7"),
        (exit_line(-6, "watchdog"), WATCHDOG, "no sign of life (WatchdogSec=), killed by SIGABRT"),
    ],
)
def test_an_unclean_end(line: str, kind: str, text: str) -> None:
    assert of_exit(line) == Restart(kind, text)


@pytest.mark.parametrize("line", ["", "signal", "signal killed NOSUCH", "a b c d", "x exited -1"])
def test_another_line_is_no_end(line: str) -> None:
    assert of_exit(line) is None
