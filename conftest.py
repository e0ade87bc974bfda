"""The fixtures that eggd gives to tests of apps, and how the tests are spread over processes."""

import os
import pwd
from importlib.metadata import entry_points

import pytest

# As root the commands would run code as user eggd, who cannot read the folders of tests.
os.environ.setdefault("EGGD_USER", pwd.getpwuid(os.geteuid()).pw_name)

_INSTALLED = any(point.name == "eggd" for point in entry_points(group="pytest11"))

pytest_plugins = ["pytester", *([] if _INSTALLED else ["eggd.testing.pytest_plugin"])]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, and start the files that take longest first.

    Only where pytest-xdist distributes them (`-n 2 --dist loadgroup`): modules share a booted host
    or a served app, and a long file that starts last would run alone on one core.
    """
    if config.getoption("dist", "no") != "loadgroup":
        return
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    items.sort(key=_weight)


def _weight(item: pytest.Item) -> int:
    """Return the place in the order: booted hosts, then real processes, then the rest."""
    folders = ("tests/host/", "tests/scenarios/", "tests/benchmarks/")
    if item.nodeid.startswith(folders):
        return 0
    return 1 if item.get_closest_marker("slow") else 2
