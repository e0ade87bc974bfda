"""A test that ends its process fails once, and the rest of its group runs (tests/crashes.py)."""

from __future__ import annotations

import pytest

from tests.house.imports import ROOT

GROUP = """
import os, pathlib, pytest

pytestmark = pytest.mark.xdist_group("one")

def note(text):
    with open({path!r}, "a") as file:
        file.write(text)

def test_before():
    note("1")

def test_end():
    note("2")
    os._exit(1)

def test_after():
    note("3")
"""


def test_a_test_that_ends_its_process(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(GROUP.format(path=str(pytester.path / "notes")))
    options = ("-p", "tests.crashes", "-p", "no:cacheprovider", "-n", "1", "--dist", "loadgroup")
    done = pytester.runpytest_subprocess(*options, timeout=60)
    done.assert_outcomes(passed=2, failed=1)
    done.stdout.fnmatch_lines(["worker 'gw0' crashed while running *::test_end@one'"])
    assert (pytester.path / "notes").read_text() == "123"
