"""Attacks in a real browser: texts of a visitor in pages, frames, and scripts of other types.

The app has level `egg`: a Content-Security-Policy would hide the mistake of a helper.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest

from tests.app.serving import served
from tests.plugins.development.browser import Browser, browser
from tests.plugins.security.attacks.rows_pages import ROWS, TEXTS
from tests.plugins.security.attacks.sample import router

pytestmark = pytest.mark.slow

EVIL = """
    FRAME = "<!doctype html><iframe src='%s'></iframe>"
    SCRIPT = "<!doctype html><script src='%s'></script>"

    def router(app):
        app.get("/frame", lambda ctx: FRAME % ctx.query["url"])
        app.get("/script", lambda ctx: SCRIPT % ctx.query["url"])
"""
UNSAFE = "<p title={{ v|safe }}>{{ v|safe }}</p>"
"""The place that shows that the texts run code."""
STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"
ATTACKED = """
    for (const each of document.querySelectorAll("*")) {
        for (const name of ["mouseover", "focus", "toggle", "error"])
            each.dispatchEvent(new Event(name));
        for (const name of each.getAttributeNames())
            if (name.startsWith("on")) return name;
    }
    for (const each of document.links)
        if (/script:$/.test(each.protocol)) return each.href;
    const unsafe = "iframe, object, style, base, meta, form, svg, math";
    if (document.querySelector(unsafe)) return "element";
    return window.attacked ? "attacked" : "";
"""


@dataclass
class Sites:
    """The attacked site on 127.0.0.1, and another one on localhost."""

    browser: Browser
    port: int
    evil: int

    def shown(self) -> int:
        """Returns how often the page that others frame has run."""
        self.browser.go(f"http://127.0.0.1:{self.port}/count")
        return int(self.browser.run("return document.body.innerText"))


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    attacked = {
        "config/plugin.py": "security = True\n",
        "config/config_default.py": "keys = 'a text of at least sixteen characters'\n",
        "app/router.py": router([row.template for row in ROWS] + [UNSAFE]),
    }
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("sites")
        site = stack.enter_context(served(folder / "site", attacked, env="prod"))
        evil = stack.enter_context(served(folder / "evil", {"app/router.py": EVIL}))
        yield Sites(stack.enter_context(browser()), site.port, evil.port)


def place(sites: Sites, number: int) -> str:
    """Shows the texts in a place; returns the problem, "" without one."""
    query = urlencode([("v", text) for text in TEXTS])
    sites.browser.go(f"http://127.0.0.1:{sites.port}/place/{number}?{query}")
    assert sites.browser.run(STATUS) == 200
    problem: str = sites.browser.run(ATTACKED)
    return problem


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: ROWS[number].name)
def test_a_text_of_a_visitor_runs_no_code(sites: Sites, number: int) -> None:
    assert place(sites, number) == ""


def test_a_text_in_an_error_page_runs_no_code(sites: Sites) -> None:
    """The short page of prod, whose message the app has taken from a visitor."""
    query = urlencode([("v", text) for text in TEXTS])
    sites.browser.go(f"http://127.0.0.1:{sites.port}/refused?{query}")
    assert "400 Bad Request" in sites.browser.run("return document.body.innerText")
    assert sites.browser.run(ATTACKED) == ""


def test_the_texts_run_code_where_a_place_does_not_hold_them_off(sites: Sites) -> None:
    assert place(sites, len(ROWS)) != ""


@pytest.mark.parametrize(("query", "shown"), [("", 0), ("?open=1", 1)])
def test_another_site_frames_a_page_only_where_it_may(sites: Sites, query: str, shown: int) -> None:
    """Clickjacking; the page counts how often it runs."""
    before = sites.shown()
    url = f"http://127.0.0.1:{sites.port}/framed{query}"
    sites.browser.go(f"http://localhost:{sites.evil}/frame?{urlencode({'url': url})}")
    assert sites.shown() - before == shown


@pytest.mark.parametrize(
    ("kind", "attacked"),
    [("text/javascript", 1), ("text/plain", None), ("image/png", None), ("text/html", None)],
)
def test_a_script_of_another_type_does_not_run(
    sites: Sites, kind: str, attacked: int | None
) -> None:
    """Confusion about the media type."""
    url = f"http://127.0.0.1:{sites.port}/script?{urlencode({'type': kind})}"
    sites.browser.go(f"http://localhost:{sites.evil}/script?{urlencode({'url': url})}")
    assert sites.browser.run("return window.attacked") == attacked
