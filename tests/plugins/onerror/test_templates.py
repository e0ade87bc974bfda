"""The page about an error of a template: its lines and its own variables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.serving import Client
from tests.plugins.onerror.site import site

FILES = {
    "app/view/wrong.html": "<p>\n{% for egg in eggs %}\n{{ egg }\n{% endfor %}\n",
    "app/view/price.html": "<p>\n{% for egg in eggs %}\n{{ egg.price * 2 }}\n{% endfor %}\n",
    "app/router.py": """
        from eggd import EggError

        async def render(ctx):
            await ctx.render(ctx.params["name"], {"eggs": [{"price": None}]})

        def elsewhere(ctx):
            raise EggError("/etc/hostname:1: is not for developers")

        def router(app):
            app.get("/view/:name", render)
            app.get("/elsewhere", elsewhere)
        """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with site(tmp_path_factory.mktemp("templates"), env="local", files=FILES) as client:
        yield client


@pytest.mark.parametrize(
    ("name", "code"), [("wrong", "{{ egg }"), ("price", "{{ egg.price * 2 }}")]
)
def test_the_failing_line_of_a_template_is_shown(client: Client, name: str, code: str) -> None:
    text = client.get(f"/view/{name}").text
    assert f"> app/view/{name}.html:3 in " in text
    assert f">    3 | {code}" in text


def test_a_template_shows_its_variables_without_those_of_its_engine(client: Client) -> None:
    text = client.get("/view/price").text
    assert "app/view/price.html:3 in top-level template code" in text
    assert "egg = {'price': None}" in text
    assert "lipsum = " not in text
    assert "ngettext = " not in text


def test_a_file_outside_of_the_app_is_not_shown(client: Client) -> None:
    assert "/etc/hostname:1 in" not in client.get("/elsewhere").text
