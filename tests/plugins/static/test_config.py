"""The section `static`: several folders, options, and mistakes that end the start (core:ST-1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.app.application import Application
from eggd.errors import EggError
from eggd.plugins.static.section import StaticConfig
from tests.app.loading import loaded
from tests.plugins.static.site import FILES, site, write

FILE = "config/config_default.py"


async def permit(name: str) -> bool:
    return False


def test_an_async_filter_is_an_error() -> None:
    """A coroutine would be true for every name."""
    with pytest.raises(EggError, match=r"static\.filter"):
        StaticConfig(filter=permit)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ("{'prefix': 'public'}", "static.prefix: 'public' is not a path that begins and ends with"),
        ("{'prefix': '/public'}", "('/public/')"),
        (
            "{'prefix': '//'}",
            "'//' is not a path that begins and ends with a slash ('/')",
        ),
        ("{'prefix': '/a/../'}", "static.prefix: '/a/../' cannot have the part '..' (between"),
        ("{'prefix': '/:a/'}", "static.prefix: '/:a/' cannot have the part ':a' (between"),
        ("{'dir': 'app/pubic'}", "app/pubic does not exist"),
        ("{'dir': ['app/public', 'nowhere']}", "nowhere does not exist"),
        ("{'dir': '/nowhere'}", "/nowhere does not exist"),
        ("{'dir': 'app/public/app.css'}", "app/public/app.css is not a folder"),
        ("{'dir': '..'}", "would serve the app's config (serve a folder"),
        ("{'dir': 'config/locale'}", "config/locale would serve the app's config"),
        ("{'dir': ''}", "'' is not a folder"),
        ("{'dir': []}", "static.dir is empty"),
        ("{'dir': [7]}", "7 is not a folder"),
        ("{'dir': [{'prefix': '/a/'}]}", "is not a folder"),
        ("{'dir': [{'prefx': '/a/', 'dir': 'app'}]}", "'prefx' (did you mean 'prefix'?)"),
        ("{'dir': [{'prefix': 'a', 'dir': 'app'}]}", "static.dir: 'a' is not a path"),
        (
            "{'dir': ['app/public', {'prefix': '/public/img/', 'dir': 'app'}]}",
            "the prefix '/public/img/' hides",
        ),
        ("{'max_files': -1}", "static.max_files must be a whole number from 0"),
        ("{'max_age': -1}", "static.max_age must be 0 to 315360000 seconds"),
        ("{'maxAge': 1}", "static.maxAge: unknown key (did you mean 'max_age'?)"),
        ("{'preload': True}", "static.preload has no effect without static.buffer"),
        ("{'cache_control': 'a\\r\\nb'}", "is not a valid value"),
        ("{'index': '../x'}", "is not the name of a file"),
        ("{'immutable': '['}", "static.immutable: '['"),
        ("{'asset_url': 'cdn.example'}", "is not a URL without a slash at its end"),
        ("{'asset_url': 'https://cdn.example/'}", "is not a URL without a slash at its end"),
        ("{'alias': {'a': '../b'}}", "static.alias: '../b' is not the name of a file"),
        ("{'alias': {'/a': 'b'}}", "static.alias: '/a' is not the name of a file"),
        ("{'alias': {'a': 'none'}}", "static.alias: 'none' does not exist"),
        ("{'filter': 'app.css'}", "static.filter must be a function, or a list"),
        ("{'filter': ['none.css']}", "static.filter: 'none.css' does not exist"),
    ],
)
def test_a_mistake_is_an_error_at_the_start(tmp_path: Path, options: str, line: str) -> None:
    # core:ST-1
    write(tmp_path / "shop/app/public", FILES)
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", {FILE: f"static = {options}\n"})
    assert line in caught.value.line
    assert FILE in caught.value.line


def test_an_age_without_effect_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path / "shop/app/public", FILES)
    config = "static = {'max_age': 60, 'cache_control': 'no-store'}\n"
    app: Application = loaded(tmp_path / "shop", {FILE: config})
    line = "static.max_age has no effect: cache_control replaces it (remove one of them)"
    assert line in app.warnings


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", (31536000.0, True)),
        ("static = {'max_age': 60}", (60.0, True)),
        ("static = {'buffer': False}", (31536000.0, False)),
    ],
)
def test_the_app_wins_over_the_defaults_of_prod(
    tmp_path: Path, text: str, values: tuple[float, bool]
) -> None:
    """Also in config_default.py (core:ST-2)."""
    app: Application = loaded(tmp_path / "shop", {FILE: f"{text}\n"}, env="prod")
    app.loggers.close()
    options = app.config.static
    assert (options.max_age, options.buffer) == values


def test_a_wrong_value_is_an_error_in_prod_too(tmp_path: Path) -> None:
    """No file of the plugin hides it."""
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", {FILE: "static = {'max_age': 'abc'}\n"}, env="prod")
    assert "config/config_default.py:1: static.max_age must be" in caught.value.line


def test_without_a_folder_nothing_is_served(tmp_path: Path) -> None:
    """The folder is not created. In env local it is served once it exists (core:ST-1)."""
    for env, folders in {"unittest": 0, "prod": 0, "local": 1}.items():
        app: Application = loaded(
            tmp_path / env, {"app/router.py": "def router(app): ...\n"}, env=env
        )
        assert len(app.router.index.folders) == folders
        assert not any("static" in line for line in app.warnings)
        app.loggers.close()


def test_options_without_a_folder_are_a_warning(tmp_path: Path) -> None:
    """A section that has no effect is named."""
    app: Application = loaded(tmp_path / "shop", {FILE: "static = {'gzip': True}\n"})
    assert any("static has no effect: " in line for line in app.warnings)
    app.loggers.close()


def test_several_folders(tmp_path: Path) -> None:
    """The first folder that has a file serves it; others have a prefix of their own (core:ST-1)."""
    shop = tmp_path / "shop"
    write(shop / "one", {"a.txt": b"one a"})
    write(shop / "two", {"a.txt": b"two a", "b.txt": b"two b"})
    write(tmp_path / "else", {"c.txt": b"c"})
    other = {"prefix": "/lib/", "dir": str(tmp_path / "else")}
    config = f"static = {{'dir': ['one', 'two', {other!r}]}}"
    with site(tmp_path, config=config) as client:
        paths = ["/public/a.txt", "/public/b.txt", "/lib/c.txt"]
        assert [client.get(path).text for path in paths] == ["one a", "two b", "c"]
        assert client.get("/public/c.txt").status == client.get("/lib/a.txt").status == 404
        assert client.get("/asset/c.txt").text.startswith("/lib/c.")


def test_index(tmp_path: Path) -> None:
    """A folder without its slash is redirected to it (core:ST-4, known:KW-27)."""
    files = {"index.html": b"root", "docs/index.html": b"docs", "evil.com/index.html": b"evil"}
    with site(tmp_path, files, "static = {'index': 'index.html'}") as client:
        assert [client.get(path).text for path in ("/public/", "/public/docs/")] == ["root", "docs"]
        answer = client.get("/public/docs?a=b")
        assert (answer.status, answer.headers["Location"]) == (301, "/public/docs/?a=b")
        for path in (
            "/public",
            "/public//evil.com",
            "/public/none",
            "//evil.com",
            "/public/\\evil.com",
        ):
            assert client.get(path).status in (400, 404)


def test_the_root_as_prefix(tmp_path: Path) -> None:
    """No redirect leads to another host (known:KW-27)."""
    files = {"index.html": b"root", "docs/index.html": b"docs", "robots.txt": b"robots"}
    config = "static = {'prefix': '/', 'index': 'index.html'}"
    with site(tmp_path, files, config) as client:
        assert client.get("/").text == "root"
        assert client.get("/robots.txt").text == "robots"
        assert client.get("/docs").headers["Location"] == "/docs/"
        assert client.get("/asset/robots.txt").text.startswith("/robots.")
        for path in ("//docs", "/%2fdocs", "/\\docs", "/%5cdocs"):
            answer = client.get(path)
            assert (answer.status, answer.headers["Location"]) == (404, None)


def test_alias_filter_and_cache_control(tmp_path: Path) -> None:
    # core:ST-2, ST-3
    config = """static = {
        "alias": {"logo.png": "img/logo.svg"},
        "filter": lambda name: not name.endswith(".bin"),
        "cache_control": "private, max-age=7",
        "immutable": re.compile(r"[.-][0-9a-f]{8}[.]"),
    }"""
    files = {**FILES, "main-0a1b2c3d.js": b"js"}
    with site(tmp_path, files, config) as client:
        alias = client.get("/public/logo.png")
        assert (alias.body, alias.headers["Content-Type"]) == (b"<svg/>", "image/svg+xml")
        assert alias.headers["Cache-Control"] == "private, max-age=7"
        assert client.get("/public/data.bin").status == 404
        fields = client.get("/public/main-0a1b2c3d.js").headers
        assert fields["Cache-Control"] == "public, max-age=31536000, immutable"


def test_filter_may_be_a_list(tmp_path: Path) -> None:
    # core:ST-2
    with site(tmp_path, config="static = {'filter': ['twenty.txt']}") as client:
        assert client.get("/public/twenty.txt").status == 200
        assert client.get(client.get("/asset/twenty.txt").text).status == 200
        assert client.get("/public/data.bin").status == 404
        assert client.get("/asset/data.bin").status == 500
