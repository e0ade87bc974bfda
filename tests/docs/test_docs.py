"""The examples of every page of docs/ work (README.md beside this file)."""

import dataclasses
import re
from pathlib import Path

import pytest

from eggd.app.context.context import Context
from eggd.app.context.request import Request
from eggd.app.loading import configure
from tests.docs.pages import steps
from tests.docs.shop import Shop
from tests.house.imports import ROOT

pytestmark = pytest.mark.slow

PAGES = {page.name: page for page in sorted((ROOT / "docs").glob("*.md"))}
RUN = {name for name, page in PAGES.items() if any(step.verb == "run" for step in steps(page))}
MUST_RUN = {
    "app.md",
    "commands.md",
    "structure.md",
    "config.md",
    "plugins.md",
    "extends.md",
    "lifecycle.md",
    "frameworks.md",
    "routes.md",
    "testing.md",
    "middleware.md",
    "development.md",
    "supervisor.md",
    "messenger.md",
}


@pytest.mark.parametrize("name", sorted(RUN))
def test_a_page_does_what_it_says(name: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    for step in steps(PAGES[name]):
        try:
            shop.do(step)
        except AssertionError as exc:
            pytest.fail(f"docs/{name}:{step.line}: {exc}", pytrace=False)


def code(page: Path) -> list[str]:
    """Returns the code of a page: its spans, and the lines of its blocks."""
    text = page.read_text()
    blocks = [line for line in text.splitlines() if line.startswith("    ")]
    return [*re.findall(r"`([^`\n]+)`", text), *blocks]


CODE = [code(page) for page in PAGES.values()]


def documents(snippets: list[str], section: str, option: str) -> bool:
    """Whether code of a page has `section.option`, or the section and the option as a key of it."""
    whole = rf"(?<![\w.]){re.escape(f'{section}.{option}'.lstrip('.'))}(?!\w)"
    key = rf"""(?:^|[\s{{,(])["']?{option}["']?\s*(?:$|[:=,)])"""
    above = rf"(?<![\w.]){re.escape(section)}(?!\w)"
    return any(re.search(whole, each) for each in snippets) or (
        any(re.search(above, each) for each in snippets)
        and any(re.search(key, each) for each in snippets)
    )


@pytest.mark.parametrize("name", configure.SECTIONS)
def test_every_option_is_on_a_page(name: str) -> None:
    """Every option of every section is documented: as code, not as a word of a sentence."""
    fields = [field.name for field in dataclasses.fields(configure.SECTIONS[name])]
    missing = [each for each in fields if not any(documents(page, name, each) for page in CODE)]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "documented"),
    [
        ("`http.body_limit`", True),
        ("`http` has the key `body_limit`", True),
        ('    http = {"body_limit": "1mb"}', True),
        ("the body_limit of `http`", False),
        ("`http.body_limits`", False),
        ("`body_limit` of another section", False),
    ],
)
def test_an_option_must_stand_in_code(tmp_path: Path, text: str, documented: bool) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    assert documents(code(page), "http", "body_limit") is documented


def test_every_member_of_ctx_is_on_its_page() -> None:
    """Every member is documented, and every documented one exists (core:CTX-1, CTX-2)."""
    text = PAGES["context.md"].read_text().partition("## The request")[2]
    told = set(re.findall(r"`(?:await )?(?:request\.)?(\w+)", text))
    members = {name for cls in (Context, Request) for name in dir(cls) if name[0] != "_"}
    assert members - told == set()
    assert [
        name for name in re.findall(r"`request\.(\w+)", text) if not hasattr(Request, name)
    ] == []


@pytest.mark.parametrize("name", sorted(MUST_RUN))
def test_a_page_of_the_core_has_examples_that_run(name: str) -> None:
    assert name in RUN
