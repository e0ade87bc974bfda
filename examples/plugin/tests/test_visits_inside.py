"""The plugin in an app inside the test's process: what a plugin's author runs all day."""

from pathlib import Path

import pytest

from eggd.testing.client import Client
from eggd.testing.make_app import make_app

PLUGIN = Path(__file__).parent.parent / "eggd_visits"
APP = {
    "config/plugin.py": f"visits = {{'path': {str(PLUGIN)!r}}}\n",
    "config/config_default.py": "visits = {'header': 'X-Visits'}\n",
    "app/router.py": """
        def router(app):
            app.router.get("/", lambda ctx: ctx.service.visits.sentence())
        """,
}


@pytest.fixture(scope="module")
def app_dir(tmp_path_factory):
    return make_app(tmp_path_factory.mktemp("apps") / "shop", APP)


def test_a_visit_is_told_to_all(client, bus):
    totals = bus.listen("visits-total")
    count = int(client.get("/").headers["X-Visits"])
    while totals.next() != count:  # the agent has told its count at the start as well
        pass


def test_the_agents_count_counts(client, bus):
    bus.send_to_app("visits-total", 6)
    assert client.get("/").text == "you are number 7"


def test_the_first_is_told(start_app, app_dir):
    assert Client(start_app(app_dir)).get("/").text == "you are the first"


def test_nothing_is_shown_unless_asked(make_app, start_app):
    folder = make_app({**APP, "config/config_default.py": ""})
    assert "X-Visits" not in Client(start_app(folder)).get("/").headers
