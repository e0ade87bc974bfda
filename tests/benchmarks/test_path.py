"""The cost of one request, without a network: both ways of showing it run."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.house.imports import ROOT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "pattern"),
    [
        ("--head=browser", r"echo +\d+\.\d\d us best, +\d+\.\d\d us median\n"),
        (
            "--profile",
            r"(?s)echo: \d+\.\d us each, profiled\n.*eggd/http/connection\.py:\d+ data_received",
        ),
    ],
)
def test_the_cost_of_a_request_is_printed(option: str, pattern: str) -> None:
    argv = [sys.executable, str(ROOT / "benchmarks" / "path"), "--route", "echo", option]
    done = subprocess.run([*argv, "--requests", "50"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.match(pattern, done.stdout), done.stdout


@pytest.mark.slow
def test_rows_beside_the_routes_of_the_comparison() -> None:
    argv = [sys.executable, str(ROOT / "benchmarks" / "path"), "--requests", "20"]
    argv += [f"--route={name}" for name in ("first", "users", "browser", "traced", "wide", "large")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split()[0::2] for line in done.stdout.splitlines()]
    assert lines[0] == ["first", "us"]
    assert [line[0] for line in lines[1:]] == ["users", "browser", "traced", "wide", "large"]


@pytest.mark.slow
def test_instructions_are_those_of_one_request() -> None:
    argv = [sys.executable, str(ROOT / "benchmarks" / "path"), "--instructions"]
    argv += ["--route=first", "--route=hello"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = re.fullmatch(
        r"first +([\d,]+) instructions\nhello +([\d,]+) instructions\n", done.stdout
    )
    assert found, done.stdout
    first, hello = (int(each.replace(",", "")) for each in found.groups())
    assert 10_000 < hello < first
