"""The framework under an app inside the test's process: what its authors run all day."""

from pathlib import Path

import acme
import pytest

from eggd import AnonymousRequest
from eggd.testing.make_app import make_app

VISITS = Path(__file__).parents[2] / "plugin" / "eggd_visits"
APP = {
    "pyproject.toml": """
        [project]
        name = "shop"
        [tool.eggd]
        framework = "acme"
        """,
    "config/config_default.py": "acme = {'team': 'fruit'}\n",
    # In this checkout the plugin is not installed; in yours it is, and acme itself names it.
    "config/plugin.py": f"visits = {{'path': {str(VISITS)!r}}}\n",
    "app/router.py": """
        def router(app):
            app.router.get("/", lambda ctx: ctx.service.contact.sentence())
        """,
}


@pytest.fixture(scope="module")
def app_dir(tmp_path_factory):
    return make_app(tmp_path_factory.mktemp("apps") / "shop", APP)


def test_the_app_is_one_of_ours(app, agent):
    assert isinstance(app, acme.Application)
    assert isinstance(agent, acme.Agent)


def test_every_response_has_its_id(client):
    response = client.get("/", headers={"X-Request-Id": "abc"})
    assert (response.text, response.headers["X-Request-Id"]) == ("shop is of team fruit", "abc")


def test_an_id_is_made_where_none_is_given(mock_context):
    ctx = mock_context(AnonymousRequest(headers={"X-Request-Id": "abc"}))
    assert ctx.request_id == "abc"
    assert len(mock_context(fresh=True).request_id) == 32


def test_the_agent_says_who_answers(start_app, app_dir):
    started = start_app(app_dir)
    log = started.app.loggers.dir / "egg-agent.log"
    assert "shop is of team fruit" in log.read_text()
