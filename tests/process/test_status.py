import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from eggd.app.loading.timing import process_start
from eggd.config.sources import AppInfo
from eggd.messenger import Member
from eggd.process.bootstrap import Process
from eggd.process.status import report, write_status

HOME = Path("/root")
INFO = AppInfo(
    name="hello", base_dir=Path("/srv/hello"), env="prod", scope="", home=HOME, root=HOME
)
FIGURES = {"requests": 17, "connections": 2, "slot": "not mine to say"}


def workers(members: list[Member], enabled: set[int]) -> Any:
    return report(INFO, {}, members, enabled)["workers"]


def test_a_worker_is_shown_with_its_figures() -> None:
    assert workers([Member(1, 41, "ready", 5.0, FIGURES)], {1}) == [
        {
            "slot": 1,
            "pid": 41,
            "state": "ready",
            "since": 5.0,
            "enabled": True,
            "requests": 17,
            "connections": 2,
        }
    ]


@pytest.mark.parametrize(
    ("members", "enabled", "shown"),
    [
        ([], {2}, [(2, 0, "down", True)]),
        ([Member(3, 43, "ready", 1.0)], set(), [(3, 43, "ready", False)]),
        ([Member(0, 40, "left", 1.0)], {1}, [(1, 0, "down", True)]),
        ([Member(1, 40, "left", 1.0)], {1}, [(1, 0, "left", True)]),
        (
            [Member(2, 2, "failed", 1.0), Member(1, 1, "starting", 1.0)],
            {1},
            [(1, 1, "starting", True), (2, 2, "failed", False)],
        ),
    ],
)
def test_shown_processes(members: list[Member], enabled: set[int], shown: list[object]) -> None:
    found = workers(members, enabled)
    assert [(each["slot"], each["pid"], each["state"], each["enabled"]) for each in found] == shown


@pytest.mark.parametrize(("folder", "mode"), [(0o755, 0o644), (0o750, 0o640)])
def test_the_file_is_replaced_atomically(tmp_path: Path, folder: int, mode: int) -> None:
    """All users may read it, unless the folder is that of one application among several."""
    tmp_path.chmod(folder)
    process = cast("Process", SimpleNamespace(rundir=tmp_path, info=INFO))
    old = os.umask(0o077)
    write_status(process, [], set(), "starting")
    write_status(process, [], {1})
    os.umask(old)
    [file] = tmp_path.iterdir()
    agent = json.loads(file.read_text())["agent"]
    assert (agent["pid"], agent["state"], file.stat().st_mode & 0o777) == (
        os.getpid(),
        "ready",
        mode,
    )
    assert agent["since"] == pytest.approx(process_start(), abs=1)


def test_a_directory_that_is_gone_is_one_line(tmp_path: Path) -> None:
    said: list[str] = []
    console = SimpleNamespace(write=lambda level, text: said.append(text))
    process = cast("Process", SimpleNamespace(rundir=tmp_path / "x", info=INFO, console=console))
    write_status(process, [], set())
    assert said == [f"{tmp_path}/x/status.json: No such file or directory"]
