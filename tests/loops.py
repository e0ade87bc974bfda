"""Async tests that run on asyncio and on uvloop; a folder's conftest.py uses these functions."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
# Production runs on uvloop, so `make quick` does; asyncio is where uvloop is not installed.
PARAMS = [pytest.param("asyncio", marks=pytest.mark.slow), "uvloop"]

Test = Coroutine[Any, Any, None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if inspect.iscoroutinefunction(metafunc.function):
        metafunc.fixturenames.append("loop")
        metafunc.parametrize("loop", PARAMS)


def run_async(pyfuncitem: pytest.Function, around: Callable[[Test], Test]) -> bool | None:
    """Runs `around(test)` on the test's loop; returns None for a test that is not async."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    loop = LOOPS[str(pyfuncitem.callspec.params["loop"])]
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(around(pyfuncitem.obj(**arguments)))
    return True
