"""Figures from /proc, of this very process."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks import procfs
from tests.program import Program


def test_figures_of_this_process() -> None:
    assert os.getpid() in procfs.with_descendants([os.getppid()])
    assert procfs.cpu_us([os.getpid()]) > 0
    assert 1 < procfs.pss_mib([os.getpid()]) < 4096
    assert procfs.switches([os.getpid()]) > 0


def test_a_zombie_has_ended() -> None:
    assert not procfs.has_ended(os.getpid())
    with Program[bytes]([sys.executable, "-c", ""], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert procfs.has_ended(child.pid)
    assert procfs.has_ended(child.pid)
