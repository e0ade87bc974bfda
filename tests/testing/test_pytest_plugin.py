"""The plugin in pytest runs of its own: an app's, a plugin's, in pieces side by side."""

from __future__ import annotations

import subprocess
import sys

import pytest

from eggd.testing.make_app import make_app
from tests.house.imports import ROOT
from tests.testing.site import SHOP

PLUGIN = ("eggd.testing.pytest_plugin", "eggd.testing.pytest_mocks")


@pytest.fixture(autouse=True)
def here(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the inner pytest find eggd, with the plugin loaded by name: it is not installed here."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p eggd.testing.pytest_plugin -p no:cacheprovider")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


def test_the_app_around_a_test_is_tested(pytester: pytest.Pytester) -> None:
    """core:MOCK-1."""
    make_app(
        pytester.path,
        {
            **SHOP,
            "tests/test_one.py": """
                def test_page(client, app, agent):
                    assert client.get("/").text == "hi, egg"
                    assert (app.env, app.agent, agent.type) == ("unittest", agent, "agent")

                def test_another_one(app, eggd_stage, app_dir):
                    assert eggd_stage.running(app_dir).app is app
                """,
        },
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=2)
    assert not (pytester.path / "logs").exists()


def test_what_is_wrong_with_the_app_is_one_line(pytester: pytest.Pytester) -> None:
    """core:MOCK-1: a start that fails fails the test."""
    files = {"app/router.py": "1 / 0", "test_one.py": "def test_page(client): pass"}
    make_app(pytester.path, files)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*router.py:1: ZeroDivisionError: division by zero"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_an_unused_plugin_loads_nothing_of_eggd() -> None:
    """The entry point costs every pytest on the machine its import."""
    code = f"import sys, {', '.join(PLUGIN)}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.split(".")[0] == "eggd"}
    assert loaded == {"eggd", "eggd.version", "eggd.testing", *PLUGIN}
