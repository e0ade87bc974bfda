"""The names of templates: roots, extensions, and names that a client has sent (core:VW-4, VW-6)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eggd.plugins.view.errors import TemplateNotFoundError
from eggd.plugins.view.names import TemplateNames
from eggd.testing.make_app import make_app
from tests.app.serving import served
from tests.plugins.view.site import log_of, site

FILES = {
    "view/home.html": "home",
    "view/home": "without an extension",
    "view/user/list.html": "list",
    "view/both.html": "first",
    "more/both.html": "second",
    "more/only.html": "only",
    "view2/secret.html": "secret",
    "secret.html": "secret",
}


@pytest.fixture
def names(tmp_path: Path) -> TemplateNames:
    root = make_app(tmp_path / "shop", FILES)
    (root / "view/link.html").symlink_to(root / "secret.html")
    (root / "view/inner.html").symlink_to("user/list.html")
    (root / "view/up").symlink_to("../view2")
    os.mkfifo(root / "view/pipe.html")
    return TemplateNames([f"{root}/view", f"{root}/more"], ".html", cache=True)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("home", "view/home"),
        ("home.html", "view/home.html"),
        ("user/list", "view/user/list.html"),
        ("both", "view/both.html"),
        ("only", "more/only.html"),
        ("inner", "view/inner.html"),
    ],
)
def test_a_name_is_tried_in_all_roots_and_then_with_the_extension(
    names: TemplateNames, name: str, path: str
) -> None:
    assert names.find(name).path.endswith(f"/shop/{path}")


@pytest.mark.parametrize(
    "name",
    [
        *("", "nope", "user", "../secret.html", "user/../../secret.html", "../view2/secret.html"),
        *("/etc/passwd", "//etc/passwd", "user//list.html", "./home.html", "user/./list.html"),
        *("..\\secret.html", "home.html\0", "home\0.html", "link.html", "link", "up/secret.html"),
        *("pipe.html", "x" * 5000, "a/" * 500, "%2e%2e/secret.html", "\ud800", "home.html/"),
    ],
)
def test_no_name_leads_out_of_the_roots(names: TemplateNames, name: str) -> None:
    """Every spelling is "not found" (core:VW-6, known:KW-73)."""
    with pytest.raises(TemplateNotFoundError):
        names.find(name)


def test_names_that_do_not_exist_are_not_remembered(names: TemplateNames) -> None:
    for number in range(100):
        with pytest.raises(TemplateNotFoundError):
            names.find(f"nope{number}")
    names.find("home")
    assert list(names._files or ()) == ["home"]


def test_all_lists_each_template_once(names: TemplateNames) -> None:
    listed = [file.name for file in names.all()]
    assert listed == ["both.html", "home", "home.html", "inner.html", "user/list.html", "only.html"]


def test_a_missing_template_is_one_line_of_the_log(tmp_path: Path) -> None:
    with site(tmp_path / "shop", {"home.html": "<p>home"}) as client:
        assert client.get("/?name=nope").status == 500
        assert client.get("/?name=../../config/config_default.py").status == 500
        assert client.get("/?name=home").text == "<p>home"
    log = log_of(client)
    assert "Can't find 'nope' from" in log
    assert "Traceback" not in log


def test_wrong_arguments_are_one_line_of_the_log(tmp_path: Path) -> None:
    """In env local, the line has the nearest name; clients may cause it in others."""
    router = """
        async def text(ctx):
            await ctx.render(ctx.query.get("name"), ctx.query.get("locals"))

        def router(app):
            app.get("/", text)
    """
    files = {"app/view/home.txt": "home", "app/router.py": router}
    with served(tmp_path / "shop", files, env="local") as client:
        for query in ("", "name=home", "name=home.txt&locals=a"):
            assert client.get(f"/?{query}").status == 500
    log = log_of(client)
    assert "the name of a template must be text, not None" in log
    assert "did you mean 'home.txt'?" in log
    assert "the variables of a template must be a dict, not 'a'" in log
    assert "Traceback" not in log
