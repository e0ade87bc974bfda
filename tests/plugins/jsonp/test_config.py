"""Mistakes in the options of JSONP end the start; a route that every site may read is a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.app.application import Application
from eggd.errors import EggError
from tests.app.loading import loaded

ROUTER = """
import re

def router(app):
    app.get("/", app.jsonp({options}), lambda ctx: 1)
"""

WRONG = [
    ("whitelist='a.com'", "app.jsonp: unknown option 'whitelist' (did you mean 'white_list'?)"),
    ("limit=0", "jsonp.limit must be from 1 to 1000, not 0"),
    ("limit='x'", "jsonp.limit must be from 1 to 1000, not 'x'"),
    ("csrf='no'", "jsonp.csrf must be True or False, not 'no'"),
    ("depth=3", "app.jsonp: unknown option 'depth' (options: callback, limit, csrf, white_list,"),
    ("callback=[]", "jsonp.callback: [] must be one name or several"),
    ("white_list=[]", "jsonp.white_list is empty: no page may load the data"),
    ("white_list='https://a.com/x'", "is not a host or a pattern (write 'a.com')"),
    ("white_list='*.a.com'", "is not a host or a pattern (write '.a.com')"),
    ("white_list=7", "jsonp.white_list: 7 is not a host or a pattern"),
    ("white_list=['a b']", "jsonp.white_list: 'a b' is not a host or a pattern (such as 'shop"),
]


@pytest.mark.parametrize(("options", "line"), WRONG)
def test_a_wrong_option_of_a_route_is_an_error(tmp_path: Path, options: str, line: str) -> None:
    """The line names the router, the option, its value and the remedy."""
    with pytest.raises(EggError) as caught:
        loaded(tmp_path, {"app/router.py": ROUTER.format(options=options)})
    assert line in caught.value.line


def test_a_wrong_section_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EggError, match=r"jsonp.*limt.*did you mean 'limit'"):
        loaded(tmp_path, {"config/config_default.py": "jsonp = {'limt': 5}\n"})


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("", "app/router.py:4: app.jsonp: every site may read the data of this route"),
        ("csrf=True", "app/router.py:4: app.jsonp: csrf has no effect"),
        ("white_list='a.com'", ""),
    ],
)
def test_a_route_that_every_site_may_read_is_a_warning(
    tmp_path: Path, options: str, text: str
) -> None:
    """Egg warns when the route is registered (core:JP-2)."""
    files = {
        "app/router.py": ROUTER.format(options=options),
        "config/plugin.py": "security = False\n",
    }
    app: Application = loaded(tmp_path, files)
    assert [line for line in app.warnings if "app.jsonp" in line] == (
        [line for line in app.warnings if text and text in line]
    )
    assert any(text in line for line in app.warnings) == bool(text)
