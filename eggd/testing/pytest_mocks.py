"""Fixtures that mock, read logs and run jobs (docs/testing.md).

As in `pytest_plugin.py`, nothing of eggd is imported before a fixture is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from eggd import Context
    from eggd.testing.log_reader import LogReader
    from eggd.testing.mock import Mocks
    from eggd.testing.running_app import RunningApp
    from eggd.testing.scope import Scope


@pytest.fixture
def mocks(eggd_scope: Scope) -> Mocks:
    """Returns all mocks; the fixtures `mock_*` are its methods."""
    from eggd.testing.mock import Mocks

    return Mocks(eggd_scope)


@pytest.fixture
def mocks_of() -> Iterator[Callable[[RunningApp], Mocks]]:
    """Returns `mocks_of(running_app)`: the same for an app of `start_app`."""
    from eggd.testing.mock import Mocks
    from eggd.testing.scope import Scope

    scopes: list[Scope] = []

    def of(running_app: RunningApp) -> Mocks:
        scopes.append(Scope(running_app))
        return Mocks(scopes[-1])

    yield of
    for scope in scopes:
        scope.restore()


@pytest.fixture
def mock_context(mocks: Mocks) -> Callable[..., Context]:
    """Returns `mock_context(request=None, *, fresh=False, **members)` (mock.Mocks.context)."""
    return mocks.context


@pytest.fixture
def mock_context_scope(mocks: Mocks) -> Callable[..., AbstractContextManager[Context]]:
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
def mock_session(mocks: Mocks) -> Callable[[Mapping[str, object] | None], None]:
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
    """Returns `mock_restore()`: undoes all changes now instead of at the end of the test."""
    return mocks.restore


@pytest.fixture
def mock_httpclient(eggd_scope: Scope) -> Callable[..., None]:
    """Returns `mock_httpclient(url, answer, *, method, repeats)` (httpclient.HttpClient.mock)."""
    from eggd.testing.httpclient import HttpClient

    return HttpClient(eggd_scope.patches).mock


@pytest.fixture
def log_reader(running_app: RunningApp) -> LogReader:
    """Returns the lines that app and agent log from now on."""
    from eggd.testing.log_reader import LogReader

    return LogReader(running_app.app, running_app.app.agent)


@pytest.fixture
def mock_log(log_reader: LogReader) -> Callable[..., None]:
    """Returns `mock_log(logger="logger")`: ignores the lines so far."""
    return log_reader.since_now


@pytest.fixture
def expect_log(log_reader: LogReader) -> Callable[..., None]:
    """Returns `expect_log(text_or_pattern, logger="logger")` (LogReader.expect)."""
    return log_reader.expect


@pytest.fixture
def not_expect_log(log_reader: LogReader) -> Callable[..., None]:
    """Returns `not_expect_log(text_or_pattern, logger="logger")` (LogReader.expect_not)."""
    return log_reader.expect_not


@pytest.fixture
def run_schedule(running_app: RunningApp) -> Callable[..., object]:
    """Returns `run_schedule(name, *args)`: runs a job of `app/schedule` now (schedule.py)."""
    from eggd.testing.schedule import run_schedule

    return lambda name, *args: running_app.run(run_schedule(running_app.app, name, *args))


@pytest.fixture
def background_tasks_finished(running_app: RunningApp) -> Callable[[], None]:
    """Returns `background_tasks_finished()`: waits for all tasks and those that they start."""

    def wait(limit: float = 10.0) -> None:
        left = running_app.run(running_app.app.background.wait(limit), 2 * limit)
        assert not left, f"background tasks that do not end: {', '.join(left)}"

    return wait
