"""Pages of another site in a real browser: forms, fetch, and inline scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.app.serving import served
from tests.plugins.development.browser import Browser, browser

pytestmark = pytest.mark.slow

BANK = """
    PAGE = '''<form method=post action=/transfer><input type=hidden name=_csrf value="%s"></form>
        <script>window.inline = 1</script><script nonce="%s">window.allowed = 1</script>'''

    def home(ctx):
        return "<!doctype html>" + PAGE % (ctx.csrf, ctx.nonce)

    def transfer(ctx):
        ctx.app.moved += 1
        return f"moved {ctx.app.moved}"

    def router(app):
        app.moved = 0
        app.get("/", home)
        app.get("/moved", lambda ctx: f"{ctx.app.moved}")
        app.post("/transfer", transfer)
"""
EVIL = """
    FORM = '''<!doctype html><form method=post action="http://127.0.0.1:%s/transfer"
        enctype="%s"><input name=sum value=1></form>'''

    def router(app):
        app.get("/:port/:kind", lambda ctx: FORM % (ctx.params["port"], KINDS[ctx.params["kind"]]))

    KINDS = {"form": "application/x-www-form-urlencoded", "text": "text/plain",
             "upload": "multipart/form-data"}
"""
FETCH = """
    const done = fetch("http://127.0.0.1:%d/transfer", {method: "POST", mode: "no-cors",
        credentials: "include", headers: {"Content-Type": "text/plain"}, body: "{}"});
    return done.then(() => "sent", () => "failed");
"""
SUBMIT = "document.forms[0].submit()"
TEXT = "return document.body.innerText"


@dataclass
class Sites:
    """A bank on 127.0.0.1, and a page of another site on localhost."""

    browser: Browser
    bank: int
    evil: int

    def moved(self) -> str:
        """Returns how many transfers the bank has made, as its own page sees it."""
        self.browser.go(f"http://127.0.0.1:{self.bank}/moved")
        text: str = self.browser.run(TEXT)
        return text


@pytest.fixture(scope="module", params=["egg", "strict"])
def sites(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sites]:
    config = f"security = {{'level': '{request.param}'}}\n"
    bank = {
        "config/plugin.py": "security = True\n",
        "config/config_default.py": config,
        "app/router.py": BANK,
    }
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp(request.param)
        its = stack.enter_context(served(folder / "bank", bank))
        other = stack.enter_context(served(folder / "evil", {"app/router.py": EVIL}))
        yield Sites(stack.enter_context(browser()), its.port, other.port)


def test_a_form_of_the_site_itself(sites: Sites) -> None:
    before = int(sites.moved())
    sites.browser.go(f"http://127.0.0.1:{sites.bank}/")
    sites.browser.run(SUBMIT)
    assert int(sites.moved()) == before + 1


@pytest.mark.parametrize("kind", ["form", "text", "upload"])
def test_a_form_of_another_site(sites: Sites, kind: str) -> None:
    before = sites.moved()
    sites.browser.go(f"http://localhost:{sites.evil}/{sites.bank}/{kind}")
    sites.browser.run(SUBMIT)
    assert sites.moved() == before


def test_a_fetch_of_another_site(sites: Sites) -> None:
    before = sites.moved()
    sites.browser.go(f"http://localhost:{sites.evil}/{sites.bank}/form")
    sites.browser.run(FETCH % sites.bank)
    assert sites.moved() == before


def test_an_inline_script_needs_the_nonce_at_level_strict(
    sites: Sites, request: pytest.FixtureRequest
) -> None:
    sites.browser.go(f"http://127.0.0.1:{sites.bank}/")
    is_strict = "[strict]" in request.node.name
    ran = sites.browser.run("return [window.inline || 0, window.allowed || 0]")
    assert ran == ([0, 1] if is_strict else [1, 1])
