"""Node's fetch and a browser agree with our answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.app.serving import Client
from tests.peers.app import FETCHED, NEWS, TALK
from tests.program import Program

HERE = Path(__file__).parent
PATIENCE = 300.0
"""Seconds a browser may take to come up."""
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def differing(found: dict[str, Any], expected: dict[str, object]) -> dict[str, object]:
    """Returns what is not as expected: a whole dict of bodies is nothing to read."""
    return {
        name: (found.get(name), "expected", wanted)
        for name, wanted in expected.items()
        if found.get(name) != wanted
    }


def test_node(client: Client) -> None:
    done = subprocess.run(
        ["node", HERE / "node.mjs", f"http://127.0.0.1:{client.port}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert differing(json.loads(done.stdout), FETCHED) == {}


@pytest.mark.slow
def test_a_browser(client: Client, tmp_path: Path) -> None:
    """Also: Server-Sent Events by its EventSource, and its WebSocket."""
    found = shown(f"http://127.0.0.1:{client.port}", tmp_path)
    assert "error" not in found, found
    assert differing(found, {**FETCHED, "news": NEWS, "talk": TALK}) == {}


def shown(url: str, profile: Path) -> Any:
    """Shows a page in a browser with an empty profile; returns what the page reports."""
    log = profile / "log"
    with log.open("w") as out:
        browser = Program[bytes](
            ["chromium", *QUIET, f"--user-data-dir={profile}", f"{url}/page"],
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        with urlopen(f"{url}/report", timeout=PATIENCE) as report:
            return json.load(report)
    except OSError as exc:
        raise AssertionError(f"no report: {exc}\n{log.read_text()}") from exc
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()
