"""The same tests under another httptools: Debian's wraps http-parser, PyPI's newest llhttp.

    pip install --target .cache/httptools-new httptools
    EGGD_HTTPTOOLS=.cache/httptools-new pytest tests/http

runs this folder twice: with the installed httptools, and, in one test, with the one in that
directory (by PYTHONPATH). Without the variable `.cache/httptools-new` is used if it exists. A
directory in the variable that holds no httptools is an error.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httptools
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
GIVEN = os.environ.get("EGGD_HTTPTOOLS")
OTHER = ROOT / (GIVEN or ".cache/httptools-new")
INSIDE = Path(httptools.__file__).is_relative_to(OTHER)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(OTHER), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(INSIDE, reason="this is the run with the other httptools")
@pytest.mark.skipif(not GIVEN and not OTHER.exists(), reason="no second httptools installed")
def test_the_other_httptools_passes_the_same_tests() -> None:
    version = run("-c", "import httptools; print(httptools.__version__, httptools.__file__)")
    assert str(OTHER) in version.stdout, version.stderr
    tests = run("-m", "pytest", "-qx", "-p", "no:cacheprovider", "tests/http")
    assert tests.returncode == 0, f"with httptools {version.stdout}{tests.stdout[-5000:]}"
