"""The fixtures that eggd gives to tests of apps, the order of the tests, and the figures of a soak.

Many proofs have a short form, which `make test` runs, and a full one of minutes, which `make soak`
runs. Both are the same test with another size, and report their figure at the end of the run:

    @pytest.mark.parametrize("lines", [400, pytest.param(50_000, marks=pytest.mark.soak)])
    def test_every_line_exactly_once(lines, figure): ...
"""

import os
import pwd
import signal
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points

import pytest
from xdist.workermanage import WorkerController

# As root the commands would run code as user eggd, who cannot read the folders of tests.
os.environ.setdefault("EGGD_USER", pwd.getpwuid(os.geteuid()).pw_name)

# A shell starts background jobs with SIGINT ignored, and the processes of tests would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_INSTALLED = any(point.name == "eggd" for point in entry_points(group="pytest11"))

pytest_plugins = [
    "pytester",
    "tests.crashes",
    "tests.deadline",
    *([] if _INSTALLED else ["eggd.testing.pytest_plugin"]),
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects the soak, keeps the files together and puts those that take longest first.

    The order matters only where pytest-xdist distributes the tests (`-n 3 --dist loadgroup`): the
    tests of a module share a booted host or a served app, and a long file that starts last would
    run alone on one core. The two groups of hosts, one for each Debian suite, start first.
    """
    if "soak" not in config.getoption("markexpr"):
        full = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=full)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
    if not config.getoption("loadgroup", default=False):  # set in the processes of pytest-xdist
        return
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    items.sort(key=_weight)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: WorkerController, ids: Sequence[str]) -> None:
    """Ends a run in which pytest-xdist does not keep groups together.

    With a pytest that it does not know it says nothing, and each process makes every shared host.
    """
    loose = [nodeid for nodeid in ids if "@" not in nodeid]
    if loose and node.config.getoption("dist") == "loadgroup":
        raise pytest.UsageError(f"pytest-xdist did not group {loose[0]}; run make .venv/ready")


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Returns a function that reports a measured figure of the test at the end of a soak."""
    return lambda text: record_property("figure", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the figures of a soak as a table of test and figure."""
    if "soak" not in terminalreporter.config.getoption("markexpr"):
        return
    terminalreporter.section("figures")
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "figure":
                test = report.nodeid.split("@")[0].removeprefix("tests/")
                terminalreporter.line(f"{test}\n    {text}; {report.duration:.0f} s")


def _weight(item: pytest.Item) -> int:
    """Return the place in the order: hosts by suite, real processes, slower folders, the rest."""
    groups = {mark.args[0] for mark in item.iter_markers("xdist_group")}
    if groups in ({"bookworm"}, {"trixie"}):
        return 0
    if item.get_closest_marker("slow") or item.get_closest_marker("host"):
        return 1
    return 2 if item.nodeid.startswith(("tests/http/", "tests/house/", "tests/typing/")) else 3
