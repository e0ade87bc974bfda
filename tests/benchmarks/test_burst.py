"""The benchmark of a burst runs on Debian's own Python, which may have no pytest."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMPORT = """
import sys
sys.modules["pytest"] = None
sys.path.insert(0, sys.argv[1])
from tests.cluster.test_burst import COUNT, FILES
print(COUNT, *FILES)
"""


def test_the_app_of_the_burst_needs_no_pytest() -> None:
    command = ["/usr/bin/python3", "-c", IMPORT, str(ROOT)]
    count, *files = subprocess.check_output(command, text=True).split()
    assert int(count) == 20_000
    assert "app/router.py" in files
