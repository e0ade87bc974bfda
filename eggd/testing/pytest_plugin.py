"""The pytest plugin `eggd`: fixtures for tests of apps, plugins and frameworks (docs/testing.md).

It is loaded wherever eggd is installed, so nothing of eggd is imported before a fixture is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from eggd.testing.client import AsyncClient, Client
    from eggd.testing.running import Running
    from eggd.testing.stage import Stage


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--eggd-base-dir` and the ini option of the same name."""
    text = "folder of the app that the fixture `app` is; the one that the test is in unless given"
    parser.getgroup("eggd").addoption("--eggd-base-dir", metavar="DIR", help=text)
    parser.addini("eggd_base_dir", text)


@pytest.fixture(scope="session")
def eggd_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return what starts apps; all of them are closed at the end of the session."""
    from eggd.testing.stage import Stage

    stage = Stage(tmp_path_factory.mktemp("eggd"))
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def app_dir(request: pytest.FixtureRequest) -> Path:
    """Return the folder of the app that the tests are about; override it to test another one."""
    from eggd.errors import EggError
    from eggd.testing.base_dir import base_dir_of

    config = request.config
    given = config.getoption("--eggd-base-dir") or config.getini("eggd_base_dir")
    if given:
        return (config.rootpath / str(given)).resolve()
    try:
        return base_dir_of(request.path.parent, Path(request.path.anchor))
    except EggError as exc:
        pytest.fail(exc.line, pytrace=False)


@pytest.fixture
def running(eggd_stage: Stage, app_dir: Path) -> Running:
    """Return the app of `app_dir` as it runs: started once per session, on a loop of its own."""
    from eggd.errors import EggError

    try:
        return eggd_stage.running(app_dir)
    except EggError as exc:
        pytest.fail(exc.line, pytrace=False)


@pytest.fixture
def app(running: Running) -> Any:
    """Return the app, ready, in env unittest."""
    return running.app


@pytest.fixture
def agent(app: Any) -> Any:
    """Return the app's agent, in the same process."""
    return app.agent


@pytest.fixture
def client(running: Running) -> Client:
    """Return what asks the app, for plain tests: `client.get("/")`."""
    from eggd.testing.client import Client

    return Client(running)


@pytest.fixture
def async_client(running: Running) -> AsyncClient:
    """Return the same for async tests: `await async_client.get("/")`."""
    from eggd.testing.client import AsyncClient

    return AsyncClient(running)


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., Path]:
    """Return `make(files, name="shop")`: writes an app of `path: text` and returns its folder."""
    from eggd.testing.make_app import make_app

    def make(files: Mapping[str, str], name: str = "shop") -> Path:
        return make_app(tmp_path / name, files)

    return make
