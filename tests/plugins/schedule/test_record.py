"""The record of the agent knows whether the machine has booted since it was written."""

from __future__ import annotations

from pathlib import Path

from eggd.plugins.schedule.record import boot_id


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
