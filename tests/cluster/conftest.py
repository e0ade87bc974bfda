"""Fixtures: the test app on disk, a gate, and suites of it that end with the test."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite
from tests.cluster.app import APP
from tests.cluster.clients import Gate

Start = Callable[..., Suite]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder starts real processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def gate_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="egg-gate-") as short:  # unix(7): 107 bytes
        yield Path(short, "gate")


@pytest.fixture
def gate(gate_path: Path) -> Iterator[Gate]:
    with Gate(gate_path) as gate:
        yield gate


@pytest.fixture
def start(cluster: Start, tmp_path: Path, gate_path: Path) -> Start:
    """Returns a function that starts a suite of the test app, changed by `files`."""

    def start(workers: int = 1, files: dict[str, str] | None = None, **environ: str) -> Suite:
        app = make_app(tmp_path / "shop", {**APP, **(files or {})})
        return cluster(app, workers, "prod", environ={"GATE": str(gate_path), **environ})

    return start
