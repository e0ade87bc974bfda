"""Async tests of this folder run on asyncio and on uvloop; a server is real, on loopback."""

from __future__ import annotations

import asyncio

import pytest

from tests.http.certificates import Pair, make_pair
from tests.loops import Test, run_async
from tests.loops import pytest_generate_tests as pytest_generate_tests


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    return run_async(pyfuncitem, _limited)


async def _limited(test: Test) -> None:
    await asyncio.wait_for(test, 30)


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A certificate for localhost, and its key."""
    return make_pair(tmp_path_factory.mktemp("tls"))
