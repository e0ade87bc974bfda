"""A test that ends its process fails once, and the rest of its group runs (tests/crashes.py)."""

from __future__ import annotations

import pytest

from tests.house.imports import ROOT

NOTE = """
import os, pytest

def note(text):
    with open({path!r}, "a") as file:
        file.write(text)
"""
CRASH = """
pytestmark = pytest.mark.xdist_group("two")

def test_before():
    note("2")

def test_end():
    note("3")
    os._exit(1)

def test_after():
    note("4")
"""


def test_a_test_that_ends_its_process(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each other test runs once: also groups after it, in a new process."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    note = NOTE.format(path=str(pytester.path / "notes"))
    one, three, four = (f"\ndef test_{name}():\n    note('{name}')\n" for name in (1, 5, 6))
    pytester.makepyfile(
        test_1=note + one, test_2=note + CRASH, test_3=note + three, test_4=note + four
    )
    options = ("-p", "tests.crashes", "-p", "no:cacheprovider", "-n", "1", "--dist", "loadgroup")
    done = pytester.runpytest_subprocess(*options, timeout=60)
    done.assert_outcomes(passed=5, failed=1)
    done.stdout.fnmatch_lines(["worker 'gw0' crashed while running *test_end@two'"])
    assert sorted((pytester.path / "notes").read_text()) == list("123456")
