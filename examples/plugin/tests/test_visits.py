"""The plugin as its users have it: installed, in a real suite."""

import json
import os
import pwd
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

USER = {"EGGD_USER": pwd.getpwuid(os.geteuid()).pw_name}
"""As root, the commands run an app's code as this user; on a host that is eggd."""

PLUGIN = Path(__file__).parent.parent
EGGD = PLUGIN.parent.parent

APP = {
    "config/plugin.py": "visits = True\n",
    "config/config_default.py": "visits = {'start': 40}\n",
    "app/router.py": """
        def router(app):
            app.router.get("/", lambda ctx: ctx.service.visits.sentence())
        """,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Installs the plugin into an empty folder; returns the search path that has it."""
    folder = tmp_path_factory.mktemp("site-packages")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(folder)]
    subprocess.run([*pip, *offline, str(PLUGIN)], check=True)
    return f"{folder}:{EGGD}"


@pytest.fixture(params=["local", "prod"])
def suite(request: pytest.FixtureRequest, tmp_path: Path, site: str) -> Iterator[Suite]:
    app = make_app(tmp_path / "shop", APP)
    with Suite(app_dir=app, env=request.param, environ={"PYTHONPATH": site}) as running:
        yield running


def test_it_counts_and_shows_the_count_to_developers(suite: Suite) -> None:
    shown = {"local": "41", "prod": None}[suite.env]
    with urllib.request.urlopen(f"http://127.0.0.1:{suite.port}/", timeout=5) as response:
        assert response.read() == b"you are number 41"
        assert response.headers["X-Visits"] == shown


def test_eggd_knows_it_by_its_name(tmp_path: Path, site: str) -> None:
    app = make_app(tmp_path / "shop", APP)
    done = eggd("plugins", str(app), "--json", path=site)
    [row] = [row for row in json.loads(done.stdout) if row["name"] == "visits"]
    assert (row["state"], row["version"], row["package"]) == ("on", "1.2.0", "eggd_visits")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ("visits = {'heder': 'X'}", "visits.heder: unknown key (did you mean 'header'?)"),
        ("visits = {'start': -1}", "visits.start must be 0 or more, not -1"),
    ],
)
def test_its_config_is_checked(tmp_path: Path, site: str, config: str, line: str) -> None:
    app = make_app(tmp_path / "shop", {**APP, "config/config_default.py": config})
    done = eggd("check", str(app), path=site)
    assert (done.returncode, line in done.stderr) == (1, True)


def eggd(*arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "eggd", *arguments],
        env={**USER, "PYTHONPATH": path, "EGG_DEFAULTS": "/dev/null"},
        capture_output=True,
        text=True,
        check=False,
    )
