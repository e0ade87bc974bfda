"""A process whose event loop cannot start says why, and nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.imports import ROOT

SCRIPT = """
import errno, os, resource, socket

def refused(*args):
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

{before}
from eggd.errors import EggError
from eggd.failure import limit_hint
from eggd.masking import known, secrets
from eggd.process.lifetime import run_on_loop

async def main():
    return 0

{limit}
try:
    run_on_loop(main())
except EggError as exc:
    exc.hint = exc.hint or limit_hint(exc)
    print(exc.line)
"""


CASES = {
    "a refused system call": (
        "socket.socketpair = refused",  # uvloop takes it when it is imported
        "",
        (
            "PermissionError: [Errno 1] Operation not permitted"
            " (run 'eggd sandbox explain': the unit refuses a system call)"
        ),
    ),
    "too few files": (
        "",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))",
        (
            "OSError: [Errno 24] Too many open files"
            " (raise LimitNOFILE= of the unit; without systemd the limit of ulimit -n)"
        ),
    ),
}


@pytest.mark.parametrize(("before", "limit", "line"), CASES.values(), ids=CASES)
def test_the_error_is_that_of_the_loop(before: str, limit: str, line: str) -> None:
    line = f"the event loop cannot start: {line}"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(before=before, limit=limit)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == (f"{line}\n", "", 0)
