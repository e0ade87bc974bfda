"""The choice of a suite's runtime directory, and directories that must not be used."""

import os
import pwd
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eggd.errors import DirectoryError
from eggd.supervisor import rundir

UID = os.geteuid()
GIVEN = Path("/srv/shop/current")


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short path with `run`, `tmp`, `sessions` and `linger` instead of the host's."""
    with tempfile.TemporaryDirectory(prefix="egg-") as home:
        yield _hosted(Path(home), monkeypatch)


def _hosted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, folder in {
        "HOST": "run",
        "SHARED": "tmp",
        "SESSIONS": "sessions",
        "LINGER": "linger",
    }.items():
        (tmp_path / folder).mkdir()
        monkeypatch.setattr(rundir, name, tmp_path / folder)
    (tmp_path / "sessions" / str(UID)).mkdir(mode=0o700)
    return tmp_path


def base_of(environ: dict[str, str]) -> Path:
    return rundir.make(GIVEN, environ).parent


def test_the_host_has_it_else_the_shared_directory(places: Path) -> None:
    assert base_of({}) == places / "run" / f"eggd-{UID}"
    (places / "run" / f"eggd-{UID}" / "x").parent.rename(places / "away")
    (places / "run" / f"eggd-{UID}").write_text("")  # the user may not create it
    assert base_of({}) == places / "tmp" / f"eggd-{UID}"


def test_a_session_has_it_only_where_it_is_kept_after_logout(places: Path) -> None:
    session = places / "sessions" / str(UID)
    environ = {"XDG_RUNTIME_DIR": str(session)}
    assert base_of(environ) == places / "run" / f"eggd-{UID}"
    (places / "linger" / pwd.getpwuid(UID).pw_name).write_text("")
    assert base_of(environ) == session / "eggd"


def test_any_other_directory_of_the_user_is_accepted(places: Path) -> None:
    mine = places / "mine"
    mine.mkdir()
    assert base_of({"XDG_RUNTIME_DIR": str(mine)}) == mine / "eggd"


def _open_to_all(path: Path) -> None:
    path.chmod(0o777)


def _of_another_user(path: Path) -> None:
    os.chown(path, 4711, 4711)


def _a_file(path: Path) -> None:
    path.rmdir()
    path.write_text("")


@pytest.mark.parametrize("spoil", [_open_to_all, _of_another_user, _a_file, Path.rmdir])
def test_a_session_that_others_can_write_to_is_not_used(
    places: Path, spoil: Callable[[Path], None]
) -> None:
    mine = places / "mine"
    mine.mkdir()
    spoil(mine)
    assert base_of({"XDG_RUNTIME_DIR": str(mine)}) == places / "run" / f"eggd-{UID}"


def test_a_relative_session_is_not_used(places: Path) -> None:
    assert base_of({"XDG_RUNTIME_DIR": "."}) == places / "run" / f"eggd-{UID}"


def test_a_session_whose_sockets_would_have_too_long_paths_is_not_used(places: Path) -> None:
    """A path of more than 107 bytes cannot be bound (unix(7))."""
    mine = places / ("long" * 20)
    mine.mkdir()
    assert base_of({"XDG_RUNTIME_DIR": str(mine)}) == places / "run" / f"eggd-{UID}"
    assert list(mine.iterdir()) == []


def test_a_directory_created_by_another_user_is_refused(places: Path) -> None:
    for folder, spoil in {"run": "link", "tmp": "owner"}.items():
        path = places / folder / f"eggd-{UID}"
        if spoil == "link":
            path.symlink_to(places / "away")
            (places / "away").mkdir()
        else:
            path.mkdir()
            os.chown(path, 4711, 4711)
    with pytest.raises(DirectoryError) as caught:
        rundir.make(GIVEN, {})
    assert f"{places}/run/eggd-{UID}: is a link" in caught.value.line
    assert f"{places}/tmp/eggd-{UID}: belongs to another user, uid 4711" in caught.value.line
    assert "set XDG_RUNTIME_DIR" in caught.value.hint
    assert list((places / "away").iterdir()) == []


def test_the_mode_is_set_also_where_it_was_wrong(places: Path) -> None:
    before = os.umask(0)
    try:
        path = rundir.make(GIVEN, {})
        path.chmod(0o777)
        rundir.make(GIVEN, {})
    finally:
        os.umask(before)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)] == [0o755] * 2


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("/srv/shop", "shop-"),
        ("/srv/" + "long" * 50, "longlonglonglonglonglong-"),
        ("/srv/a b\n\x1b", "a-b-"),
        ("/srv/..hidden", "hidden-"),
        ("/", "app-"),
        ("/srv/\udcff", "app-"),
    ],
)
def test_the_name_is_short_and_plain(places: Path, given: str, name: str) -> None:
    found = rundir.make(Path(given), {}).name
    assert found.startswith(name)
    assert len(found) == len(name) + 8


def test_two_folders_of_the_same_name_have_different_directories(places: Path) -> None:
    paths = {rundir.make(Path(f"/srv/{each}/app"), {}) for each in ("a", "b")}
    assert len(paths) == 2
    assert paths == set(rundir.everywhere({}))


def test_a_directory_is_found_where_it_was_made(places: Path) -> None:
    assert rundir.find(GIVEN, {}).parent == places / "tmp" / f"eggd-{UID}"
    made = rundir.make(GIVEN, {})
    assert rundir.find(GIVEN, {}) == made
