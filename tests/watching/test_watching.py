"""Real files are written, moved, linked and removed, and the changes are as a user expects."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from tests.watching.observed import observed

Act = Callable[[Path], object]


def write(root: Path, name: str, text: str = "new") -> None:
    make_app(root, {name: text})


def replace(root: Path, name: str) -> None:
    """Saves as editors do: a new file takes the name."""
    write(root, f"{name}.new", "replaced")
    (root / f"{name}.new").rename(root / name)


def backup(root: Path, name: str) -> None:
    """Saves as other editors do: the old file becomes the backup."""
    (root / name).rename(root / f"{name}~")
    write(root, name, "the next version")


def rename(root: Path, *pairs: tuple[str, str]) -> None:
    for old, new in pairs:
        (root / old).rename(root / new)


def become_file(root: Path, name: str) -> None:
    shutil.rmtree(root / name)
    write(root, name)


def write_and_remove(root: Path, name: str) -> None:
    write(root, name)
    (root / name).unlink()


def swap(root: Path, link: str, target: str) -> None:
    """Lets a link lead elsewhere, in one step."""
    (root / "swapped").symlink_to(target)
    (root / "swapped").rename(root / link)


FILE = {"a/f": "1"}
RELEASES = {"v1/f": "one", "v2/f": "two!", "current": "->v1"}

# The files before, the watched path, what happens, and the changes.
CASES: list[tuple[str, dict[str, str], str, Act, list[str]]] = [
    ("a file is written", FILE, "a/f", lambda r: write(r, "a/f"), ["modified a/f"]),
    ("a file is replaced", FILE, "a/f", lambda r: replace(r, "a/f"), ["modified a/f"]),
    ("a file is backed up", FILE, "a/f", lambda r: backup(r, "a/f"), ["modified a/f"]),
    ("a file is touched", FILE, "a/f", lambda r: os.utime(r / "a/f", (1, 1)), ["modified a/f"]),
    ("a file is removed", FILE, "a/f", lambda r: os.unlink(r / "a/f"), ["deleted a/f"]),
    ("a file appears", {"a/o": ""}, "a/f", lambda r: write(r, "a/f"), ["created a/f"]),
    ("with its folders", {"o": ""}, "a/b/f", lambda r: write(r, "a/b/f"), ["created a/b/f"]),
    ("its folder moves", FILE, "a/f", lambda r: rename(r, ("a", "b")), ["deleted a/f"]),
    (
        "its folder is replaced",
        {**FILE, "b/f": "22"},
        "a/f",
        lambda r: rename(r, ("a", "c"), ("b", "a")),
        ["modified a/f"],
    ),
    ("a directory appears", {"o": ""}, "a", lambda r: os.mkdir(r / "a"), ["created a/"]),
    ("below it", FILE, "a", lambda r: write(r, "a/f"), ["modified a/f"]),
    (
        "four levels below",
        FILE,
        "a",
        lambda r: write(r, "a/b/c/d/e"),
        ["created a/b/", "created a/b/c/", "created a/b/c/d/", "created a/b/c/d/e"],
    ),
    (
        "a directory is moved in",
        {**FILE, "x/y/z": "1"},
        "a",
        lambda r: rename(r, ("x", "a/x")),
        ["created a/x/", "created a/x/y/", "created a/x/y/z"],
    ),
    (
        "a directory is moved out",
        {"a/b/f": "1"},
        "a",
        lambda r: rename(r, ("a/b", "b")),
        ["deleted a/b/", "deleted a/b/f"],
    ),
    (
        "a directory is renamed",
        {"a/b/f": "1"},
        "a",
        lambda r: rename(r, ("a/b", "a/c")),
        ["created a/c/", "created a/c/f", "deleted a/b/", "deleted a/b/f"],
    ),
    (
        "a directory becomes a file",
        {"a/b/f": "1"},
        "a",
        lambda r: become_file(r, "a/b"),
        ["created a/b", "deleted a/b/", "deleted a/b/f"],
    ),
    (
        "all of it is removed",
        {"a/b/f": "1"},
        "a",
        lambda r: shutil.rmtree(r / "a"),
        ["deleted a/", "deleted a/b/", "deleted a/b/f"],
    ),
    ("a link to a file", {"t": "1", "a": "->t"}, "a", lambda r: write(r, "t"), ["modified a"]),
    (
        "the target is replaced",
        {"t": "1", "a": "->t"},
        "a",
        lambda r: replace(r, "t"),
        ["modified a"],
    ),
    ("a link leads elsewhere", RELEASES, "current/f", lambda r: swap(r, "current", "v2"),
     ["modified current/f"]),
    ("a linked directory", RELEASES, "current", lambda r: write(r, "v1/g"), ["created current/g"]),
    (
        "a chain of links",
        {**RELEASES, "a/f": "->../current/f"},
        "a",
        lambda r: swap(r, "current", "v2"),
        ["modified a/f"],
    ),
    (
        "a linked directory in a directory",
        {**RELEASES, "a/l": "->../current"},
        "a",
        lambda r: write(r, "v1/f", "longer"),
        ["modified a/l/f"],
    ),
    (
        "a link that leads nowhere yet",
        {"a/l": "->../t", "o": ""},
        "a",
        lambda r: write(r, "t"),
        ["created a/l"],
    ),
]  # fmt: skip


def make(root: Path, files: dict[str, str]) -> None:
    """Writes files; `->target` is a link."""
    for name, text in files.items():
        if text.startswith("->"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).symlink_to(text[2:])
        else:
            write(root, name, text)


@pytest.mark.parametrize(
    ("files", "watched", "act", "changes"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_change(
    tmp_path: Path, files: dict[str, str], watched: str, act: Act, changes: list[str]
) -> None:
    """Exactly the changes at and below the path (process:WAT-8, WAT-9, WAT-10)."""
    make(tmp_path, files)
    with observed(tmp_path, watched, "end") as it:
        act(tmp_path)
        write(tmp_path, "end")
        assert sorted(it.until("created end") - {"created end"}) == changes


@pytest.mark.parametrize(
    ("files", "watched", "act", "changes"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_change_without_events(
    tmp_path: Path, files: dict[str, str], watched: str, act: Act, changes: list[str]
) -> None:
    """A comparison at intervals finds the same (file systems such as NFS have no events)."""
    make(tmp_path, files)
    with observed(tmp_path, watched, "end", only_poll=True, poll_interval=0.02) as it:
        act(tmp_path)
        write(tmp_path, "end")
        seen = it.until("created end")
        assert set(changes) <= seen | set(it.next() if not set(changes) <= seen else ())


@pytest.mark.parametrize(
    "act",
    [
        lambda r: os.chmod(r / "a/f", 0o600),
        lambda r: (r / "a/f").read_text(),  # known:KO-27
        lambda r: write(r, "ab/f"),
        lambda r: write(r, "o"),
        lambda r: write_and_remove(r, "a/temporary"),
        lambda r: (r / "a/self").symlink_to("../a"),
    ],
    ids=["chmod", "read", "similar name", "beside", "temporary", "link to itself"],
)
def test_no_change(tmp_path: Path, act: Act) -> None:
    """A path is compared by components, and only writes count (process:WAT-6)."""
    make(tmp_path, {"a/f": "1", "ab/f": "1"})
    with observed(tmp_path, "a", "end") as it:
        act(tmp_path)
        write(tmp_path, "end")
        assert it.until("created end") == {"created end"}


def test_every_state_of_a_path_is_followed(tmp_path: Path) -> None:
    """A path comes and vanishes, as file and as directory, again and again."""
    with observed(tmp_path, "a") as it:
        for _ in range(3):
            write(tmp_path, "a/f")
            assert it.until("created a/f") == {"created a/", "created a/f"}
            write(tmp_path, "a/f", "more")
            assert it.next() == ["modified a/f"]
            shutil.rmtree(tmp_path / "a")
            assert it.until("deleted a/") == {"deleted a/", "deleted a/f"}
            write(tmp_path, "a")
            assert it.next() == ["created a"]
            (tmp_path / "a").unlink()
            assert it.next() == ["deleted a"]


RELINKED = {**RELEASES, "shared/f": "1", "deep/x/f": "1", "one": "->shared", "two": "->shared",
            "far": "->current", "a/l": "->../current", "a/m": "->../shared"}  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_links_that_are_made_anew_are_followed(tmp_path: Path, seed: int) -> None:
    """After any changes of links (`ln -sfn`), to the same target too, a write is reported."""
    chance = random.Random(seed)
    make(tmp_path, RELINKED)
    watched = ("current/f", "far/f", "one/f", "two", "one", "a")
    with observed(tmp_path, *watched, "end", debounce=0.001) as it:
        for number in range(12):
            for link in chance.choices(("current", "one", "two", "far", "a/l", "a/m"), k=2):
                depth = "../" * link.count("/")
                swap(tmp_path, link, depth + chance.choice(("v1", "v2", "shared", "deep/x")))
            write(tmp_path, "end", str(number))
            it.until(f"{'modified' if number else 'created'} end")
            for name in ("current/f", "far/f", "one/f", "two/f", "a/l/f", "a/m/f"):
                write(tmp_path, os.path.realpath(tmp_path / name), f"{number} {name}")
                it.until(f"modified {name}")


def test_an_impossible_path_does_not_stop_the_others(tmp_path: Path) -> None:
    """One line for each, and the call that waits for it returns (a surrogate without bytes)."""
    make(tmp_path, {"a/f": "1"})
    with observed(tmp_path, "a", "a/\ud800", "a/\ud800", "a/\0", "b") as it:
        write(tmp_path, "a/f")
        assert it.next() == ["modified a/f"]
        write(tmp_path, "b")
        assert it.next() == ["created b"]
        lines = [it.problems.get(timeout=30) for _ in range(2)]
        assert [line.partition(" cannot be watched: ")[0] for line in lines] == [
            f"{tmp_path}/a/\ud800",
            f"{tmp_path}/a/\0",
        ]
        assert it.problems.empty()


def test_a_change_has_size_and_time(tmp_path: Path) -> None:
    make(tmp_path, {"f": "1"})
    with observed(tmp_path, "f") as it:
        write(tmp_path, "f", "four")
        (change,) = it._changes.get(timeout=30)
        status = (tmp_path / "f").stat()
        assert change[1:] == ("modified", False, 4, status.st_mtime)


def test_unwatch(tmp_path: Path) -> None:
    """A path that is no longer watched causes no change; others go on."""
    make(tmp_path, {"a/f": "1", "b/f": "1"})
    with observed(tmp_path, "a", "b") as it:
        it.watching.unwatch([f"{tmp_path}/a"])
        it.settle()
        write(tmp_path, "a/f")
        write(tmp_path, "b/f")
        assert it.next() == ["modified b/f"]


def test_overlapping_paths_report_a_change_once(tmp_path: Path) -> None:
    make(tmp_path, {"a/b/f": "1"})
    with observed(tmp_path, "a", "a/b", "a/b/f") as it:
        write(tmp_path, "a/b/f")
        assert it.next() == ["modified a/b/f"]


def test_names_that_are_not_text(tmp_path: Path) -> None:
    """A name may be any bytes (known:KO-28)."""
    name = b"\xff\n{}"
    with observed(tmp_path, "a", "a/{}") as it:
        (tmp_path / "a").mkdir()
        assert it.next() == ["created a/"]
        (tmp_path / "a" / os.fsdecode(name)).touch()
        assert it.next() == [f"created a/{os.fsdecode(name)}"]


def test_a_file_that_is_written_without_pause_is_reported_meanwhile(tmp_path: Path) -> None:
    """Events go on, and the changes are reported after a second (`LONGEST_DEBOUNCE`)."""
    make(tmp_path, {"log": ""})
    with observed(tmp_path, "log", debounce=0.5) as it, (tmp_path / "log").open("a") as log:
        while it._changes.empty():
            log.write("line\n")
            log.flush()
        assert it.next() == ["modified log"]
