"""A worker's try to boot, in a process of its own: it sleeps after a failure, until SIGTERM."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from eggd.process.backoff import Backoff
from eggd.suite.backoff import FIRST
from tests.program import Program

CODE = """
import sys
from pathlib import Path
from eggd.process.attempt import Attempt
from eggd.systemd import Notifier

class Told(Notifier):
    def status(self, text):
        print(text, flush=True)

print(Attempt(Path(sys.argv[1]), 3, Told({})).sleep())
"""


def attempt(directory: Path) -> subprocess.Popen[str]:
    return Program([sys.executable, "-c", CODE, directory], stdout=subprocess.PIPE, text=True)


def failed_times(directory: Path, count: int, ago: float) -> None:
    """Leaves `count` failures behind, the last one `ago` seconds old."""
    backoff = Backoff(directory, 3)
    for _ in range(count):
        backoff.failed("no database")
    file = directory / "worker-3.boot"
    at = float(file.read_text().partition('"at": ')[2].partition(",")[0])
    file.write_text(file.read_text().replace(f"{at}", f"{at - ago}"))


def test_the_first_try_waits_for_nothing(tmp_path: Path) -> None:
    with attempt(tmp_path) as process:
        assert process.communicate(timeout=10)[0] == "True\n"


def test_sigterm_ends_the_sleep_and_clears_the_count(tmp_path: Path) -> None:
    failed_times(tmp_path, 5, ago=1.2)
    with attempt(tmp_path) as process:
        assert process.stdout is not None
        expected = f"Boot 5 failed: no database; next try in {FIRST * 16:.0f} s\n"
        assert process.stdout.readline() == expected
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10)[0] == "False\n"
    assert not (tmp_path / "worker-3.boot").exists()
