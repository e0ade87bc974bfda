"""Fixtures that start apps and ask them (docs/testing.md).

As in `pytest_plugin.py`, nothing of eggd is imported before a fixture is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from eggd.testing.bus import Bus
    from eggd.testing.client import AsyncClient, Client
    from eggd.testing.running import Running
    from eggd.testing.scope import Scope
    from eggd.testing.stage import Stage
    from eggd.testing.suite import Suite


@pytest.fixture(scope="session")
def eggd_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Returns what starts apps; all of them are closed at the end of the session."""
    from eggd.testing.stage import Stage

    stage = Stage(tmp_path_factory.mktemp("eggd"))
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def app_dir(request: pytest.FixtureRequest) -> Path:
    """Returns the folder of the app that the tests are about; override it to test another one."""
    from eggd.errors import EggError
    from eggd.testing.base_dir import base_dir_of

    config = request.config
    given = config.getoption("--eggd-base-dir") or config.getini("eggd_base_dir")
    if given:
        return (config.rootpath / str(given)).resolve()
    try:
        return base_dir_of(request.path.parent, Path(request.path.anchor))
    except EggError as exc:
        raise pytest.fail.Exception(exc.line, pytrace=False) from None


@pytest.fixture
def eggd_scope(eggd_stage: Stage, app_dir: Path) -> Iterator[Scope]:
    """Returns the changes of this test to the app; all are undone at its end."""
    from eggd.errors import EggError
    from eggd.testing.scope import Scope

    try:
        running = eggd_stage.running(app_dir)
    except EggError as exc:
        raise pytest.fail.Exception(exc.line, pytrace=False) from None
    scope = Scope(running)
    scope.begin()
    yield scope
    _end(scope)


def _end(scope: Scope) -> None:
    left = scope.end()
    if left:
        pytest.fail("\n".join(["the test leaves behind:", *left]), pytrace=False)


@pytest.fixture
def running(eggd_scope: Scope) -> Running:
    """Returns the app of `app_dir` as it runs: started once per session, on a loop of its own."""
    return eggd_scope.running


@pytest.fixture
def app(running: Running) -> Any:
    """Returns the app, ready, in env unittest."""
    return running.app


@pytest.fixture
def run(running: Running) -> Callable[..., Any]:
    """Returns `run(work, limit=30)`: what a coroutine returns, awaited on the app's loop."""
    return running.run


@pytest.fixture
def agent(app: Any) -> Any:
    """Returns the app's agent, in the same process."""
    return app.agent


@pytest.fixture
def client(running: Running) -> Client:
    """Returns what asks the app, for plain tests: `client.get("/")`."""
    from eggd.testing.client import Client

    return Client(running)


@pytest.fixture
def async_client(running: Running) -> AsyncClient:
    """Returns the same for async tests: `await async_client.get("/")`."""
    from eggd.testing.client import AsyncClient

    return AsyncClient(running)


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., Path]:
    """Returns `make(files, name="shop")`: writes an app of `path: text` and returns its folder."""
    from eggd.testing.make_app import make_app

    def make(files: Mapping[str, str], name: str = "shop") -> Path:
        return make_app(tmp_path / name, files)

    return make


@pytest.fixture
def start_app(eggd_stage: Stage) -> Iterator[Callable[..., Running]]:
    """Returns `start(base_dir, **setting)`: starts an app for this test alone (stage.Setting).

    `env`, `plugins`, `framework` and `before_init` say how. It raises the EggError of a start that
    fails. `Client(running)` asks it.
    """
    from eggd.testing.request import refuse_unknown
    from eggd.testing.scope import Scope
    from eggd.testing.stage import Setting

    scopes: list[Scope] = []

    def start(base_dir: Path, **setting: Any) -> Running:
        refuse_unknown(setting, Setting)
        scope = Scope(eggd_stage.start(base_dir, Setting(**setting)))
        scopes.append(scope)
        scope.begin()
        return scope.running

    yield start
    for scope in reversed(scopes):
        try:
            _end(scope)
        finally:
            scope.running.close()


@pytest.fixture
def cluster() -> Iterator[Callable[..., Suite]]:
    """Returns `cluster(base_dir, workers=1, env="unittest", **more)`: real agent, real workers.

    They are ready when it returns and are killed at the end of the test (suite.Suite).
    """
    from eggd.testing.request import refuse_unknown
    from eggd.testing.suite import Suite

    with ExitStack() as suites:

        def start(base_dir: Path, workers: int = 1, env: str = "unittest", **more: Any) -> Suite:
            refuse_unknown(more, Suite)
            suite = Suite(app_dir=base_dir, workers=workers, env=env, **more)
            return suites.enter_context(suite)

        yield start


@pytest.fixture
def bus(eggd_scope: Scope) -> Iterator[Bus]:
    """Returns both ends of the messages between app and agent."""
    from eggd.testing.bus import Bus

    bus = Bus(eggd_scope)
    yield bus
    bus.close()
