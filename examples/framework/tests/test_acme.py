"""The framework as its apps have it: installed, in a real suite."""

import os
import pwd
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

pytestmark = pytest.mark.slow

USER = {"EGGD_USER": pwd.getpwuid(os.geteuid()).pw_name}
"""As root, the commands run an app's code as this user; on a host that is eggd."""

FRAMEWORK = Path(__file__).parent.parent
PLUGIN = FRAMEWORK.parent / "plugin"
EGGD = FRAMEWORK.parent.parent

APP = {
    "pyproject.toml": """
        [project]
        name = "shop"
        [tool.eggd]
        framework = "acme"
        """,
    "config/config_default.py": "acme = {'team': 'fruit'}\nvisits = {'header': 'X-Visits'}\n",
    "app/router.py": """
        def router(app):
            app.router.get("/", lambda ctx: ctx.service.contact.sentence())
        """,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Installs both packages into an empty folder; returns the search path that has them."""
    folder = tmp_path_factory.mktemp("site-packages")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(folder)]
    subprocess.run([*pip, *offline, str(FRAMEWORK), str(PLUGIN)], check=True)
    return f"{folder}:{EGGD}"


@pytest.fixture
def suite(tmp_path: Path, site: str) -> Iterator[Suite]:
    app = make_app(tmp_path / "shop", APP)
    with Suite(app_dir=app, environ={"PYTHONPATH": site}) as running:
        yield running


def ask(suite: Suite, **headers: str) -> tuple[str, HTTPMessage]:
    request = urllib.request.Request(f"http://127.0.0.1:{suite.port}/", headers=headers)
    with urllib.request.urlopen(request, timeout=5) as response:
        return response.read().decode(), response.headers


def test_an_app_has_what_its_framework_has(suite: Suite) -> None:
    # core:FW-1, FW-2, FW-3
    body, headers = ask(suite, **{"X-Request-Id": "abc"})
    assert (body, headers["X-Request-Id"]) == ("shop is of team fruit", "abc")
    assert headers["X-Visits"] == "1"


def test_the_agent_rests_on_it_too(suite: Suite) -> None:
    # core:FW-1
    suite.stop("agent")
    assert "shop is of team fruit" in (suite.logdir / "egg-agent.log").read_text()


def test_a_plugin_of_the_framework_may_be_switched_off(tmp_path: Path, site: str) -> None:
    # core:FW-4
    off = {"config/plugin.py": "visits = False", "config/config_default.py": ""}
    app = make_app(tmp_path / "shop", {**APP, **off})
    said = eggd("check", str(app), path=site)
    assert "request_id, plugins watcher, logrotator, " in said
    assert "visits" not in said


def test_a_team_may_build_on_it(tmp_path: Path, site: str) -> None:
    """Three levels, the base first (core:DIR-4, FW-1)."""
    team = {
        "fruit/__init__.py": """
            from pathlib import Path
            import acme

            class Application(acme.Application):
                root = Path(__file__).parent

            class Agent(acme.Agent):
                root = Path(__file__).parent
            """,
        "fruit/config/config_default.py": "acme = {'team': 'fruit'}",
        "pyproject.toml": '[project]\nname = "shop"\n[tool.eggd]\nframework = "fruit"',
        "config/config_default.py": "",
    }
    app = make_app(tmp_path / "shop", {**APP, **team})
    with Suite(app_dir=app, environ={"PYTHONPATH": site}) as running:
        assert ask(running)[0] == "shop is of team fruit"


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("config/config_default.py", "acme = {'taem': 'x'}", "acme.taem: unknown key"),
        ("pyproject.toml", '[project]\nname="a"\n[tool.eggd]\nframework="acne"', "'acne' cannot"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, site: str, file: str, text: str, line: str) -> None:
    # core:FW-2
    app = make_app(tmp_path / "shop", {**APP, file: text})
    [told] = eggd("check", str(app), path=site).splitlines()
    assert told.startswith("error: ")
    assert line in told


def eggd(*arguments: str, path: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "eggd", *arguments],
        env={**USER, "PYTHONPATH": path, "EGG_DEFAULTS": "/dev/null", "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
