"""The plugin, as its app has it."""

from eggd import Application
from eggd.testing.client import Client


def test_a_context_greets(client: Client) -> None:
    assert client.get("/ada").text == "good day, ada"


def test_it_is_on(app: Application) -> None:
    assert app.plugins.all["template_name"].enable
