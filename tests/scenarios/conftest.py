"""The stage of a scene, twice: the supervisor's (marker slow), and systemd's (marker host)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.conftest import Boot, deb, layers, module_boot
from tests.host.host import Host
from tests.scenarios.booted import BootedStage
from tests.scenarios.local import LocalStage
from tests.scenarios.stage import Stage

__all__ = ["deb", "layers", "module_boot"]


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    """One host for all scenes."""
    return module_boot()


@pytest.fixture(
    params=[
        pytest.param("supervisor", marks=pytest.mark.slow),
        pytest.param("systemd", marks=[pytest.mark.host, pytest.mark.timeout(180)]),
    ]
)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A stage with the app of the scenes, and nothing running."""
    if request.param == "systemd":
        booted = BootedStage(request.getfixturevalue("host"))
        yield booted
        booted.close()
        return
    with tempfile.TemporaryDirectory(prefix="egg-") as home:
        local = LocalStage(Path(home))
        try:
            yield local
        finally:
            local.close()
