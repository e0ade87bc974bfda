"""Real processes, from a fixture."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.errors import BootError
from eggd.testing.suite import Suite

pytestmark = pytest.mark.slow

Cluster = Callable[..., Suite]


def ask(suite: Suite, path: str) -> object:
    with urllib.request.urlopen(f"http://127.0.0.1:{suite.port}{path}", timeout=20) as answer:
        return json.loads(answer.read())


def test_a_cluster_is_real(
    cluster: Cluster, app_dir: Path, mock_service: Callable[..., None]
) -> None:
    """Mocks are for the process of the test, nothing carries code into a worker (core:MOCK-3)."""
    mock_service("admin.price", "find", 9)
    suite = cluster(app_dir, workers=2)
    assert ask(suite, "/price") == [3, "piece", 12]
    assert len({suite.worker(1).pid, suite.worker(2).pid, suite.agent.pid}) == 3
    assert suite.stop("worker-1") == 0
    assert ask(suite, "/price") == [3, "piece", 12]


def test_the_output_of_a_process_is_read(cluster: Cluster, make_app: Callable[..., Path]) -> None:
    """Output and exit code (core:MOCK-3)."""
    broken = make_app({"app/router.py": "print('here I am', flush=True)\n1 / 0\n"})
    with pytest.raises(BootError, match=r"worker-1 .* no READY=1, exited with 1"):
        cluster(broken)


def test_output_and_exit_code_are_waited_for(
    cluster: Cluster, make_app: Callable[..., Path]
) -> None:
    # core:MOCK-3
    suite = cluster(
        make_app({"app/router.py": "print('here I am', flush=True)\ndef router(app): pass"})
    )
    assert suite.worker(1).wait_line("here I am") == "here I am"
    suite.worker(1).wait(lambda worker: "ready: shop (unittest)" in worker.status, "status")
    assert suite.stop("agent") == 0
