"""Fixtures that start apps and send requests (docs/testing.md).

As in `pytest_plugin.py`, each fixture imports the parts of eggd that it uses only when it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from eggd import Agent, Application
    from eggd.testing.app_starter import AppStarter
    from eggd.testing.bus import Bus
    from eggd.testing.client import AsyncClient, Client
    from eggd.testing.redis_server import RedisServer
    from eggd.testing.running_app import Run, RunningApp
    from eggd.testing.scope import Scope
    from eggd.testing.suite import Suite


@pytest.fixture(scope="session")
def eggd_starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppStarter]:
    """Returns the starter of apps; it closes all of them at the end of the session."""
    from eggd.testing.app_starter import AppStarter

    starter = AppStarter(tmp_path_factory.mktemp("eggd"))
    yield starter
    starter.close()


@pytest.fixture(scope="module")
def app_dir(request: pytest.FixtureRequest) -> Path:
    """Returns the folder of the app under test; override it to test another one."""
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
def eggd_scope(eggd_starter: AppStarter, app_dir: Path) -> Iterator[Scope]:
    """Returns the changes of this test to the app; they are undone at its end."""
    from eggd.errors import EggError
    from eggd.testing.scope import Scope

    try:
        running_app = eggd_starter.running_app(app_dir)
    except EggError as exc:
        raise pytest.fail.Exception(exc.line, pytrace=False) from None
    scope = Scope(running_app)
    scope.begin()
    yield scope
    _end(scope)


def _end(scope: Scope) -> None:
    leftovers = scope.end()
    if leftovers:
        pytest.fail("\n".join(["left at the end of the test:", *leftovers]), pytrace=False)


@pytest.fixture
def running_app(eggd_scope: Scope) -> RunningApp:
    """Returns the running app of `app_dir`, which is started once per session."""
    return eggd_scope.running


@pytest.fixture
def app(running_app: RunningApp) -> Application:
    """Returns the app. It is ready and runs in env unittest."""
    return running_app.app


@pytest.fixture
def run(running_app: RunningApp) -> Run:
    """Returns `run(work, limit=30)`: runs a coroutine on the app's loop, returns its result."""
    return running_app.run


@pytest.fixture
def agent(app: Application) -> Agent:
    """Returns the app's agent, in the same process."""
    return app.agent


@pytest.fixture
def client(running_app: RunningApp) -> Client:
    """Returns the client for plain tests: `client.get("/")`."""
    from eggd.testing.client import Client

    return Client(running_app)


@pytest.fixture
def async_client(running_app: RunningApp) -> AsyncClient:
    """Returns the client for async tests: `await async_client.get("/")`."""
    from eggd.testing.client import AsyncClient

    return AsyncClient(running_app)


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., Path]:
    """Returns `make(files, name="shop")`: writes an app of `path: text` and returns its folder."""
    from eggd.testing.make_app import make_app

    def make(files: Mapping[str, str], name: str = "shop") -> Path:
        return make_app(tmp_path / name, files)

    return make


@pytest.fixture
def start_app(eggd_starter: AppStarter) -> Iterator[Callable[..., RunningApp]]:
    """Returns `start(base_dir, **options)`: starts an app for this test alone.

    The options are those of `StartOptions`. It raises the EggError of a failed start. Send requests
    with `Client(running_app)`.
    """
    from eggd.testing.app_starter import StartOptions
    from eggd.testing.arguments import refuse_unknown
    from eggd.testing.scope import Scope

    scopes: list[Scope] = []

    def start(base_dir: Path, **options: Any) -> RunningApp:
        refuse_unknown(options, StartOptions)
        scope = Scope(eggd_starter.start(base_dir, StartOptions(**options)))
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

    They are ready when it returns, and are killed at the end of the test. `more` are
    fields of `eggd.testing.suite.Suite`.
    """
    from eggd.testing.arguments import check_kind, refuse_unknown
    from eggd.testing.suite import Suite

    with ExitStack() as suites:

        def start(base_dir: Path, workers: int = 1, env: str = "unittest", **more: Any) -> Suite:
            refuse_unknown(more, Suite)
            check_kind("the folder of an app", base_dir, (str, Path), "a path")
            check_kind("workers", workers, int, "a number")
            check_kind("env", env, str, "text")
            suite = Suite(app_dir=Path(base_dir), workers=workers, env=env, **more)
            return suites.enter_context(suite)

        yield start


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """Returns a running Redis or Valkey server of this test; its address is `redis_server.url`."""
    from eggd.testing.redis_server import RedisServer

    with RedisServer() as server:
        yield server


@pytest.fixture
def bus(eggd_scope: Scope) -> Iterator[Bus]:
    """Returns the messengers of app and agent."""
    from eggd.testing.bus import Bus

    bus = Bus(eggd_scope)
    yield bus
    bus.close()
