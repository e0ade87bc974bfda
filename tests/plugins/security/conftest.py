"""Apps with the plugin security, one of each for a module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.serving import Client
from tests.plugins.security.site import site


@pytest.fixture(scope="module")
def egg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An app with the defaults, which are those of Egg."""
    with site(tmp_path_factory.mktemp("egg")) as client:
        yield client


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An app with `level: strict`."""
    with site(tmp_path_factory.mktemp("strict"), "security = {'level': 'strict'}") as client:
        yield client
