"""The framework, as an app has it."""

from eggd import Application
from eggd.testing.client import Client

import template_name


def test_a_context_knows_the_team(client: Client) -> None:
    assert client.get("/").text == "ask support"


def test_the_app_is_one_of_ours(app: Application) -> None:
    assert isinstance(app, template_name.Application)
