"""The tests ask the app in example/."""

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def app_dir() -> Path:
    return Path(__file__).parent.parent / "example"
