"""Async tests of this folder run on asyncio and on uvloop, against real servers."""

from __future__ import annotations

import pytest

from tests.http.certificates import Pair, make_pair
from tests.http.conftest import pytest_generate_tests as pytest_generate_tests
from tests.http.conftest import pytest_pyfunc_call as pytest_pyfunc_call


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A certificate for localhost, and its key."""
    return make_pair(tmp_path_factory.mktemp("tls"))
