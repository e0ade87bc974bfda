"""Reads the page for developers: its tags, attributes and texts."""

from __future__ import annotations

from html.parser import HTMLParser

TAGS = frozenset(
    "html head meta title style body header p span b code h1 h2 h3 a ol li div main section details"
    " summary pre i mark dl dt dd aside".split()
)
ATTRIBUTES = frozenset("lang charset name content class id href tabindex open".split())


class Parsed(HTMLParser):
    """The page as a browser reads it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.comments: list[str] = []
        self._in_style = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.texts)


def parsed(text: str) -> Parsed:
    """Returns the page, which has its own tags and attributes alone."""
    page = Parsed(text)
    assert set(page.tags) <= TAGS
    assert {name for name, _ in page.attributes} <= ATTRIBUTES
    assert page.comments == []
    assert (page.tags.count("style"), page.tags.count("title")) == (1, 1)
    links = [value for name, value in page.attributes if name == "href"]
    assert all(link.startswith(("#e", "vscode://file/")) for link in links)
    return page
