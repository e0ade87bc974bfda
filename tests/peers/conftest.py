"""One served app for all peers, and what every one of them must make of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.serving import Client, served
from tests.peers.app import FILES


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("peers") / "shop", FILES) as client:
        yield client
