"""Plays all of Autobahn's cases in full and prints the counts: `python -m tests.autobahn`."""

import sys
import tempfile
from pathlib import Path

from tests.app.serving import served
from tests.autobahn.peer import play
from tests.autobahn.targets import FILES, TARGETS, cases


def main() -> int:
    """Returns 1 if a case failed."""
    every, failed = cases(full=True), 0
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "shop", FILES) as client:
        for target in TARGETS:
            told = {case.number: play(client.port, target, case) for case in every}
            bad = {number: text for number, text in told.items() if text}
            failed += len(bad)
            print(f"{target}: {len(every)} cases, {len(every) - len(bad)} passed")
            for number, text in bad.items():
                print(f"  {number}: {text}")
    return 1 if failed else 0


sys.exit(main())
