"""The pytest plugin `eggd`: fixtures for tests of apps, plugins and frameworks (docs/testing.md).

pytest loads it in every project if eggd is installed, so it must not disturb others: nothing of
eggd is imported before a fixture is used, and a fixture is left out if another plugin has one of
the same name (`client` of Django and Flask). The fixtures are in `pytest_app.py` and
`pytest_mocks.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, ModuleType

import pytest

from eggd.testing import pytest_app, pytest_mocks


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--eggd-base-dir` and the ini option of the same name."""
    text = "folder of the app of the fixture `app` (default: the app that contains the test)"
    parser.getgroup("eggd").addoption("--eggd-base-dir", metavar="DIR", help=text)
    parser.addini("eggd_base_dir", text)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Registers the fixtures that no other plugin has; a conftest.py may override each."""
    fixtures = {**dict(_fixtures(pytest_app)), **dict(_fixtures(pytest_mocks))}
    for plugin in config.pluginmanager.get_plugins():
        if isinstance(plugin, ModuleType) and not _is_conftest(plugin):
            for name, _ in _fixtures(plugin):
                fixtures.pop(name, None)
    holder = ModuleType("eggd_fixtures")
    vars(holder).update(fixtures)
    config.pluginmanager.register(holder, holder.__name__)


def _fixtures(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yields the fixtures of a module: marked functions, or objects since pytest 8.4.

    No other object is inspected: proxies of other plugins may fail.
    """
    for name, value in vars(module).items():
        marked = type(value) is FunctionType and hasattr(value, "_pytestfixturefunction")
        if marked or type(value).__name__ == "FixtureFunctionDefinition":
            yield name, value


def _is_conftest(module: ModuleType) -> bool:
    return str(getattr(module, "__file__", "")).endswith("conftest.py")
