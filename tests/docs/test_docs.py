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
}


@pytest.mark.parametrize("name", sorted(RUN))
def test_a_page_does_what_it_says(name: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    for step in steps(PAGES[name]):
        try:
            shop.do(step)
        except AssertionError as exc:
            pytest.fail(f"docs/{name}:{step.line}: {exc}", pytrace=False)


SECTIONS = [
    *("", "http", "body_parser", "override_method", "site_file", "notfound"),
    *("router", "meta", "dump"),
]


@pytest.mark.parametrize("name", SECTIONS)
def test_every_option_is_on_a_page(name: str) -> None:
    """The options of the root, and of the sections of the request path, are documented."""
    told = "".join(page.read_text() for page in PAGES.values())
    fields = [field.name for field in dataclasses.fields(configure.SECTIONS[name])]
    assert [each for each in (name, *fields) if each not in told] == []


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
