"""The agent removes files of killed workers, and old ones."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eggd import EggError
from eggd.plugins.multipart.cleaning import clean
from eggd.plugins.multipart.folder import OPEN, Folder, folder_of
from tests.plugins.uploads.forms import site
from tests.program import Program

NAME = "8d5c0000-0000-4000-8000-0000000000e1.png"

WORKER = """
import sys
from pathlib import Path
from eggd.plugins.multipart.folder import Folder
folder = Folder(Path(sys.argv[1]))
for name in ("a.png", "b.png"):
    path = folder.create(name)[1]
    path.write_bytes(b"x")
    print(path, flush=True)
folder.release(path)
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_worker_that_was_killed(tmp_path: Path) -> None:
    """Its file of a request that was not answered is removed, not that which is the app's; and
    nothing while the worker lives (process:MP-36)."""
    with Program(
        [sys.executable, "-c", WORKER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        lines = [worker.stdout.readline().strip() for _ in range(3)]
        assert lines[2] == "ready"
        assert clean(tmp_path, 0) == 0
        assert Path(lines[0]).exists()
        worker.kill()
        worker.wait()
        assert clean(tmp_path, 0) == 1
    assert not Path(lines[0]).exists()
    assert Path(lines[1]).exists()
    assert list((tmp_path / OPEN).iterdir()) == []


def test_old_files_and_empty_folders(tmp_path: Path) -> None:
    """By age, in all folders: Egg's job leaves files of some months and years (process:MP-36)."""
    now = time.time()
    for days, folder in enumerate(("2024/01/02/03", "2026/07/01/02", "2026/11/28/23")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / NAME).touch()
        os.utime(tmp_path / folder / NAME, (now, now - (3 - days) * 86_400))
    new = Folder(tmp_path).create("b.png")[1]
    assert clean(tmp_path, now - 86_000) == 3
    assert new.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name != OPEN] == [time.strftime("%Y")]


def test_links_that_lead_elsewhere_are_not_followed(tmp_path: Path) -> None:
    """Neither by a link in the folder nor by one of a worker's."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a").touch()
    os.utime(outside / "a", (0, 0))
    links = tmp_path / "saved" / OPEN / "1-x"
    links.mkdir(parents=True)
    (links / "a").symlink_to(outside / "a")
    (tmp_path / "saved/2020").symlink_to(outside)
    clean(tmp_path / "saved", time.time() + 10)
    assert (outside / "a").exists()


def test_a_link_with_two_dots_is_not_followed(tmp_path: Path) -> None:
    """Its target begins with the folder, but leads out of it."""
    victim = tmp_path / "victim.txt"
    victim.touch()
    links = tmp_path / "saved" / OPEN / "1-x"
    links.mkdir(parents=True)
    (links / "a").symlink_to(tmp_path / "saved/2026/../../victim.txt")
    assert clean(tmp_path / "saved", 0) == 0
    assert victim.exists()
    assert not links.exists()


@pytest.mark.parametrize(
    "name", ["app/controller/home.py", "2024/01/02/03/home.py", "2024/" + NAME]
)
def test_files_that_are_not_uploads_stay(tmp_path: Path, name: str) -> None:
    """With `tmpdir="."` the folder of saved files is that of the app."""
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).touch()
    assert clean(tmp_path, time.time() + 10) == 0
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("trap", ["app", "parent", "writable"])
def test_a_folder_that_another_user_can_prepare(tmp_path: Path, trap: str) -> None:
    """A symlink at the app or at its parent, or a parent that others can write: refused."""
    home = tmp_path / "home/shop/2024/01/02/03"
    home.mkdir(parents=True)
    (home / NAME).touch()
    parent = tmp_path / f"egg-multipart-tmp-{os.geteuid()}"
    if trap == "parent":
        parent.symlink_to(tmp_path / "home")
    else:
        parent.mkdir()
        (parent / "shop").symlink_to(tmp_path / "home/shop")
        parent.chmod(0o777 if trap == "writable" else 0o700)
    with pytest.raises(EggError, match="not a folder of this user alone"):
        clean(parent / "shop", time.time() + 10)
    with pytest.raises(EggError, match="not a folder of this user alone"):
        Folder(parent / "shop").create("a.png")
    assert (home / NAME).exists()


def test_a_folder_of_links_removed_before_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker makes another one and can save."""
    lock, removed = fcntl.flock, list[Path]()

    def remove_first(descriptor: int, operation: int) -> None:
        if not removed:
            removed.extend((tmp_path / OPEN).iterdir())
            removed[0].rmdir()
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", remove_first)
    folder = Folder(tmp_path)
    descriptor, path = folder.create("a.png")
    os.close(descriptor)
    assert path.exists()
    assert not removed[0].exists()
    folder.remove(path)
    folder.close()


def test_a_missing_folder(tmp_path: Path) -> None:
    assert clean(tmp_path / "x", 0) == 0


def test_the_default_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state directory of the service, else one of the user's own (process:MP-1)."""
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/eggd")
    assert folder_of("/srv/shop", "shop", "") == Path("/var/lib/eggd/uploads")
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    assert folder_of("/srv/shop", "shop", "") == Path(f"/tmp/egg-multipart-tmp-{os.geteuid()}/shop")
    assert folder_of("/srv/shop", "shop", "up") == Path("/srv/shop/up")
    assert folder_of("/srv/shop", "shop", "/up") == Path("/up")


def test_the_agent_cleans_at_its_start(tmp_path: Path) -> None:
    """And logs how many (process:MP-36)."""
    old = tmp_path / "saved/2020/01/01/01" / NAME
    old.parent.mkdir(parents=True)
    old.touch()
    os.utime(old, (0, 0))
    with site(tmp_path) as shop:
        while (
            "[multipart] removed 1 files" not in (shop.client.log_dir / "egg-agent.log").read_text()
        ):
            pass
    assert not old.exists()
