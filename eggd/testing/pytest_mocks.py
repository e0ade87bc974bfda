"""The other half of the pytest plugin: the fixtures that pretend, look into logs and run jobs.

As in `pytest_plugin.py`, nothing of eggd is imported before a fixture is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from eggd.testing.logged import Logged
    from eggd.testing.mock import Mocks
    from eggd.testing.running import Running
    from eggd.testing.scope import Scope


@pytest.fixture
def mocks(eggd_scope: Scope) -> Mocks:
    """Returns all that may be mocked; the fixtures `mock_*` are its methods."""
    from eggd.testing.mock import Mocks

    return Mocks(eggd_scope)


@pytest.fixture
def mocks_of() -> Iterator[Callable[[Running], Mocks]]:
    """Returns `mocks_of(running)`: the same for an app of `start_app`."""
    from eggd.testing.mock import Mocks
    from eggd.testing.scope import Scope

    scopes: list[Scope] = []

    def of(running: Running) -> Mocks:
        scopes.append(Scope(running))
        return Mocks(scopes[-1])

    yield of
    for scope in scopes:
        scope.restore()


@pytest.fixture
def mock_context(mocks: Mocks) -> Callable[..., Any]:
    """Returns `mock_context(request=None, *, fresh=False, **members)` (mock.Mocks.context)."""
    return mocks.context


@pytest.fixture
def mock_context_scope(mocks: Mocks) -> Callable[..., AbstractContextManager[Any]]:
    """Returns `with mock_context_scope(request, **members) as ctx` (mock.Mocks.context_scope)."""
    return mocks.context_scope


@pytest.fixture
def mock_service(mocks: Mocks) -> Callable[[str, str, object], None]:
    """Returns `mock_service("user", "get", value)` (mock.Mocks.service)."""
    return mocks.service


@pytest.fixture
def mock_service_error(mocks: Mocks) -> Callable[..., None]:
    """Returns `mock_service_error("user", "get", error)` (mock.Mocks.service_error)."""
    return mocks.service_error


@pytest.fixture
def mock_member(mocks: Mocks) -> Callable[[str, str, object], None]:
    """Returns `mock_member("adapter.docker", "pull", value)` (mock.Mocks.member)."""
    return mocks.member


@pytest.fixture
def mock_session(mocks: Mocks) -> Callable[[Mapping[str, Any] | None], None]:
    """Returns `mock_session({"user": 1})` (mock.Mocks.session)."""
    return mocks.session


@pytest.fixture
def mock_cookies(mocks: Mocks) -> Callable[[Mapping[str, str]], None]:
    """Returns `mock_cookies({"lang": "de"})` (mock.Mocks.cookies)."""
    return mocks.cookies


@pytest.fixture
def mock_headers(mocks: Mocks) -> Callable[[Mapping[str, str]], None]:
    """Returns `mock_headers({"X-Real-IP": "192.0.2.1"})` (mock.Mocks.headers)."""
    return mocks.headers


@pytest.fixture
def mock_csrf(mocks: Mocks) -> Callable[[], None]:
    """Returns `mock_csrf()` (mock.Mocks.csrf)."""
    return mocks.csrf


@pytest.fixture
def mock_env(mocks: Mocks) -> Callable[[str], None]:
    """Returns `mock_env("prod")` (mock.Mocks.env)."""
    return mocks.env


@pytest.fixture
def mock_restore(mocks: Mocks) -> Callable[[], None]:
    """Returns `mock_restore()`: takes back everything now instead of at the end of the test."""
    return mocks.restore


@pytest.fixture
def mock_httpclient(eggd_scope: Scope) -> Callable[..., None]:
    """Returns `mock_httpclient(url, answer, *, method, repeats)` (httpclient.HttpClient.mock)."""
    from eggd.testing.httpclient import HttpClient

    return HttpClient(eggd_scope.patches).mock


@pytest.fixture
def logged(running: Running) -> Logged:
    """Returns what app and agent log from here on."""
    from eggd.testing.logged import Logged

    return Logged(running.app, running.app.agent)


@pytest.fixture
def mock_log(logged: Logged) -> Callable[..., None]:
    """Returns `mock_log(logger="logger")`: only what is logged after it counts."""
    return logged.since_now


@pytest.fixture
def expect_log(logged: Logged) -> Callable[..., None]:
    """Returns `expect_log(text_or_pattern, logger="logger")` (logged.Logged.expect)."""
    return logged.expect


@pytest.fixture
def not_expect_log(logged: Logged) -> Callable[..., None]:
    """Returns `not_expect_log(text_or_pattern, logger="logger")` (logged.Logged.refuse)."""
    return logged.refuse


@pytest.fixture
def run_schedule(running: Running) -> Callable[..., Any]:
    """Returns `run_schedule(name, *args)`: runs a job of `app/schedule` now (schedule.py)."""
    from eggd.testing.schedule import run_schedule

    return lambda name, *args: running.run(run_schedule(running.app, name, *args))


@pytest.fixture
def background_tasks_finished(running: Running) -> Callable[[], None]:
    """Returns `background_tasks_finished()`: waits for them, and for those that they start."""

    def wait(limit: float = 10.0) -> None:
        left = running.run(running.app.background.wait(limit), 2 * limit)
        assert not left, f"background tasks that do not end: {', '.join(left)}"

    return wait
