"""The stage of a scene: the supervisor (marker slow), and systemd on Debian 12 (host).

The scenes on Debian 13 are run in `make soak`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.host.conftest import Boot, Layers, boots, checkout_deb, deb, flavour, layers, module_boot
from tests.host.host import Host
from tests.host.rootfs import BOOKWORM_NODBUS, TRIXIE, Flavour
from tests.scenarios.booted import BootedStage
from tests.scenarios.local import LocalStage
from tests.scenarios.stage import Stage

__all__ = ["checkout_deb", "deb", "flavour", "layers", "module_boot"]


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    """One host for the tests of a module."""
    return module_boot()


@pytest.fixture(scope="module")
def host_of(layers: Layers) -> Iterator[Callable[[Flavour], Host]]:
    """Returns the one host of a flavour that all scenes share."""
    with ExitStack() as stack:

        @cache
        def booted(flavour: Flavour) -> Host:
            return stack.enter_context(contextmanager(boots)(layers, flavour))()

        yield booted


def _on_a_host(flavour: Flavour, *more: pytest.MarkDecorator) -> ParameterSet:
    marks = (pytest.mark.host, pytest.mark.timeout(180), pytest.mark.xdist_group(flavour.suite))
    return pytest.param(flavour, id=flavour.name, marks=[*marks, *more])


@pytest.fixture(
    params=[
        pytest.param(None, id="supervisor", marks=pytest.mark.slow),
        _on_a_host(BOOKWORM_NODBUS),
        _on_a_host(TRIXIE, pytest.mark.soak),
    ]
)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A stage with the app of the scenes, and nothing running."""
    if request.param is not None:
        booted = BootedStage(request.getfixturevalue("host_of")(request.param))
        yield booted
        booted.close()
        return
    with tempfile.TemporaryDirectory(prefix="egg-") as home:
        local = LocalStage(Path(home))
        try:
            yield local
        finally:
            local.close()
