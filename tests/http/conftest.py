"""Async tests of this folder run on asyncio and on uvloop; a server is real, on loopback."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from tests.http.certificates import Pair, make_pair

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
# Production runs on uvloop, so `make quick` does; asyncio is where uvloop is not installed.
PARAMS = [pytest.param("asyncio", marks=pytest.mark.slow), "uvloop"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if inspect.iscoroutinefunction(metafunc.function):
        metafunc.fixturenames.append("loop")
        metafunc.parametrize("loop", PARAMS)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    loop = LOOPS[str(pyfuncitem.callspec.params["loop"])]
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(_limited(pyfuncitem.obj(**arguments)))
    return True


async def _limited(test: Coroutine[Any, Any, None]) -> None:
    await asyncio.wait_for(test, 30)


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A certificate for localhost, and its key."""
    return make_pair(tmp_path_factory.mktemp("tls"))
