"""`examples/guestbook` in a real browser, as visitors use it."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.app.serving import served
from tests.house.imports import ROOT
from tests.plugins.development.browser import Browser, browser

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("guestbook")]

EXAMPLE = ROOT / "examples/guestbook"
EVIL = """
    FORM = '''<!doctype html><form method=post action="%s" enctype=multipart/form-data>
        <input name=name value=Eve><input name=text value=forged></form>'''

    def router(app):
        app.get("/", lambda ctx: FORM % ctx.query["action"])
"""
TITLE = "return document.querySelector('h1').innerText"
ENTRIES = "return [...document.querySelectorAll('.text')].map(each => each.innerText)"
FILL = """
    for (const [name, value] of Object.entries(%s))
        document.forms[0].elements[name].value = value;
"""
DRAW = """
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [64, 32];
    const context = canvas.getContext("2d");
    context.fillStyle = "teal";
    context.fillRect(0, 0, 64, 32);
    return new Promise(done => canvas.toBlob(picture => {
        const files = new DataTransfer();
        files.items.add(new File([%s], "../%s"));
        document.forms[0].elements.picture.files = files.files;
        done();
    }, "image/png"));
"""
SUBMIT = "document.forms[0].querySelector('button').click()"
PROBLEMS = """
    return Object.fromEntries([...document.querySelectorAll("[aria-invalid]")].map(field => {
        const problem = document.getElementById(field.getAttribute("aria-describedby"));
        return [field.name, field.labels[0].contains(problem) && problem.innerText];
    }));
"""
PICTURE = """
    const picture = document.querySelector("article img");
    return picture.decode().then(() => [picture.naturalWidth, picture.naturalHeight]);
"""
STYLED = "return getComputedStyle(document.body).backgroundColor"
OVERFLOW = "return document.documentElement.scrollWidth - innerWidth"


@dataclass
class Guestbook:
    """The app on 127.0.0.1, the page of another site on localhost, and a browser."""

    browser: Browser
    url: str
    evil: str

    def go(self, path: str = "/?locale=en") -> None:
        self.browser.go(self.url + path)

    def text(self) -> str:
        text: str = self.browser.run("return document.body ? document.body.innerText : ''")
        return text

    def sign(self, fields: dict[str, str], shown: str) -> None:
        """Fills and sends the form, and waits for a page with some text."""
        self.browser.run(FILL % fields)
        self.browser.run("document.title = 'before'")
        self.browser.run(SUBMIT)
        deadline = time.monotonic() + 60
        while self.browser.run("return document.title") == "before" or shown not in self.text():
            assert time.monotonic() < deadline, self.text()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guestbook]:
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("guestbook")
        shutil.copytree(EXAMPLE, folder / "guestbook")
        own = stack.enter_context(served(folder / "guestbook", {}, env="prod"))
        other = stack.enter_context(served(folder / "evil", {"app/router.py": EVIL}))
        window = stack.enter_context(browser())
        yield Guestbook(window, f"http://127.0.0.1:{own.port}", f"http://localhost:{other.port}")


def test_a_visitor_chooses_the_language(book: Guestbook) -> None:
    """The cookie keeps it, and the page names its language."""
    book.go("/?locale=de")
    assert "Schreiben Sie uns" in book.browser.run(TITLE)
    book.go("/")
    assert "Schreiben Sie uns" in book.browser.run(TITLE)
    assert book.browser.run("return document.documentElement.lang") == "de"
    book.browser.go(book.browser.run("return document.querySelector('[hreflang=en]').href"))
    assert "Leave us a few lines" in book.browser.run(TITLE)


@pytest.mark.parametrize(
    ("locale", "problem"), [("en", "should not be empty"), ("de", "darf nicht leer sein")]
)
def test_a_mistake_is_shown_at_its_field(book: Guestbook, locale: str, problem: str) -> None:
    book.go(f"/?locale={locale}")
    book.sign({"name": '"><b>Ada', "text": "  "}, problem)
    assert book.browser.run(PROBLEMS) == {"text": problem}
    assert book.browser.run("return document.forms[0].elements.name.value") == '"><b>Ada'


def test_a_script_in_an_entry_stays_text(book: Guestbook) -> None:
    text = "</p><script>document.title = 'attacked'</script>\n<img src=x onerror=alert(1)>"
    book.go()
    book.sign({"name": "<b onclick=alert(1)>Eve</b>", "text": text}, "onerror")
    assert book.browser.run(ENTRIES)[0] == text
    assert book.browser.run("return document.scripts.length + document.title") == "0Guestbook"


def test_a_picture_is_shown(book: Guestbook) -> None:
    book.go()
    book.browser.run(DRAW % ("picture", "egg.html"))
    book.sign({"name": "Ada", "text": "with a picture"}, "with a picture")
    assert book.browser.run(PICTURE) == [64, 32]


def test_a_file_that_is_no_picture_is_refused(book: Guestbook) -> None:
    book.go()
    book.browser.run(DRAW % ("'<script>alert(1)</script>'", "egg.png"))
    book.sign({"name": "Ada", "text": "with a script"}, "should be a picture")
    assert list(book.browser.run(PROBLEMS)) == ["picture"]
    assert "with a script" not in book.browser.run(ENTRIES)


def test_a_picture_that_is_too_large_has_a_page(book: Guestbook) -> None:
    book.go("/?locale=de")
    book.browser.run(DRAW % ("picture, new Uint8Array(2_000_000)", "egg.png"))
    book.sign({"name": "Ada", "text": "large"}, "Das Bild ist zu groß")


def test_another_site_cannot_sign(book: Guestbook) -> None:
    book.browser.go(f"{book.evil}/?action={book.url}/")
    book.browser.run("document.forms[0].submit()")
    deadline = time.monotonic() + 60
    while "403" not in book.text():
        assert time.monotonic() < deadline, book.text()
    book.go()
    assert "forged" not in book.browser.run(ENTRIES)


@pytest.mark.parametrize("path", ["/", "/nothing"])
@pytest.mark.parametrize(
    ("scheme", "color"), [("light", "rgb(246, 244, 239)"), ("dark", "rgb(23, 22, 20)")]
)
def test_a_page_is_styled_and_fits_a_phone(
    book: Guestbook, path: str, scheme: str, color: str
) -> None:
    """The style sheet has the hash of its content in its URL."""
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    screen = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    book.browser.devtools("Emulation.setEmulatedMedia", media)
    book.browser.devtools("Emulation.setDeviceMetricsOverride", screen)
    book.go(path)
    assert book.browser.run(STYLED) == color
    assert book.browser.run(OVERFLOW) <= 0
    sheet = book.browser.run("return document.styleSheets[0].href")
    assert re.fullmatch(rf"{book.url}/public/style\.[0-9a-f]+\.css", sheet)
