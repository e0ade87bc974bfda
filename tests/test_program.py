"""The end of a program has a limit, and a failed block does not wait for it (tests/program.py)."""

from __future__ import annotations

import subprocess

import pytest

from tests import program
from tests.program import Program


def test_a_failed_block_kills_its_program() -> None:
    with (
        pytest.raises(ValueError, match="the reason"),
        Program[bytes](["sleep", "600"], stdout=subprocess.PIPE) as process,
    ):
        raise ValueError("the reason")
    assert process.returncode == -9


@pytest.mark.parametrize("method", ["wait", "communicate"])
def test_the_end_has_a_limit(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the program, which is killed."""
    monkeypatch.setattr(program, "LONGEST", 0.1)
    process = Program[bytes](["sleep", "600"], stdout=subprocess.PIPE)
    with pytest.raises(subprocess.TimeoutExpired, match=r"'sleep', '600'.* timed out after 0\.1"):
        getattr(process, method)()
    monkeypatch.setattr(program, "LONGEST", 60)
    process.communicate()
    assert process.returncode == -9
