"""The fixtures of the test kit, on a test app."""

from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from tests.testing.site import SHOP


@pytest.fixture(scope="session")
def app_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_app(tmp_path_factory.mktemp("kit") / "shop", SHOP)
