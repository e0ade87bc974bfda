"""The record of the agent knows whether the machine has booted since it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eggd.plugins.schedule.record import ScheduleRecord, boot_id


def test_the_kernel_names_the_boot(tmp_path: Path) -> None:
    file = tmp_path / "boot_id"
    file.write_text("b7c1\n")
    assert boot_id(tmp_path, file) == "b7c1"


def test_a_sandbox_that_hides_it(tmp_path: Path) -> None:
    hidden, rundir = tmp_path / "hidden", tmp_path / "run"
    rundir.mkdir()
    first = boot_id(rundir, hidden)
    assert boot_id(rundir, hidden) == first
    (rundir / "boot-id").unlink()  # as a boot does
    assert boot_id(rundir, hidden) != first
    assert boot_id(tmp_path / "missing", hidden) != boot_id(tmp_path / "missing", hidden)


APP = {"app/schedule/a.py": "/srv/2/app/schedule/a.py", "jobs/b.py": "/srv/2/jobs/b.py"}
MONEY = {"money:app/schedule/a.py": "/srv/2/lib/money/app/schedule/a.py"}


@pytest.mark.parametrize(
    ("files", "recorded", "known"),
    [
        (APP, ["/srv/2/app/schedule/a.py"], ["app/schedule/a.py"]),
        (APP, ["/srv/1/app/schedule/a.py", "/srv/1/jobs/b.py"], [*APP]),
        (APP, ["/srv/1/app/schedule/gone.py"], []),
        (APP, ["app/schedule/a.py", "/srv/1/app/schedule/a.py"], ["app/schedule/a.py"]),
        (MONEY, ["/srv/1/lib/money/app/schedule/a.py"], [*MONEY]),
        ({**APP, **MONEY}, ["/srv/1/app/schedule/a.py"], []),
        ({**APP, **MONEY}, [*MONEY.values()], [*MONEY]),
        ({"/etc/jobs/a.py": "/etc/jobs/a.py"}, ["/etc/jobs/a.py"], ["/etc/jobs/a.py"]),
    ],
    ids=["same", "release", "gone", "both", "plugin", "unclear", "exact", "outside"],
)
def test_marks_by_path_get_their_keys(
    tmp_path: Path, files: dict[str, str], recorded: list[str], known: list[str]
) -> None:
    """Earlier versions recorded jobs by the real path of their file (process:SCH-1)."""
    path = tmp_path / "schedule.json"
    mark = {"spec": "", "wall": 5.0}
    run = {"id": "7", "key": recorded[0], "pids": [1], "args": []}
    marks = dict.fromkeys(recorded, mark)
    path.write_text(json.dumps({"boot": "b", "marks": marks, "runs": [run]}))
    record = ScheduleRecord(path, "b", print)
    record.rename({key: Path(file) for key, file in files.items()})
    record.keep({*files})
    assert sorted(record.marks) == sorted(known)
    assert record.runs["7"].key == (known or recorded)[0]
