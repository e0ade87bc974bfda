"""The pytest plugin `eggd`: fixtures for tests of apps, plugins and frameworks (docs/testing.md).

It is loaded wherever eggd is installed, so it must cost other projects nothing: nothing of eggd is
imported before a fixture is used, and where another plugin has a fixture of the same name (`client`
is Django's and Flask's, too) ours is not there. The fixtures are in `pytest_app.py` and
`pytest_mocks.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, ModuleType

import pytest

from eggd.testing import pytest_app, pytest_mocks


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--eggd-base-dir` and the ini option of the same name."""
    text = "folder of the app that the fixture `app` is; the one that the test is in unless given"
    parser.getgroup("eggd").addoption("--eggd-base-dir", metavar="DIR", help=text)
    parser.addini("eggd_base_dir", text)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Registers the fixtures that no other plugin has; a conftest.py may override each, as ever."""
    own = {**dict(_fixtures(pytest_app)), **dict(_fixtures(pytest_mocks))}
    for plugin in config.pluginmanager.get_plugins():
        if isinstance(plugin, ModuleType) and not _is_conftest(plugin):
            for name, _ in _fixtures(plugin):
                own.pop(name, None)
    holder = ModuleType("eggd_fixtures")
    vars(holder).update(own)
    config.pluginmanager.register(holder, holder.__name__)


def _fixtures(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yields the fixtures of a module; pytest marked functions before it made objects of them.

    Nothing else is looked into: other plugins have proxies that do not like it.
    """
    for name, value in vars(module).items():
        marked = type(value) is FunctionType and hasattr(value, "_pytestfixturefunction")
        if marked or type(value).__name__ == "FixtureFunctionDefinition":
            yield name, value


def _is_conftest(module: ModuleType) -> bool:
    return str(getattr(module, "__file__", "")).endswith("conftest.py")
