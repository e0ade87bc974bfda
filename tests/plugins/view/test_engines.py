"""Engines by the interface of egg-view, and the errors of a wrong one (core:VW-2, core:VW-4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.plugins.view.section import ViewConfig
from eggd.plugins.view.view import View
from tests.app.loading import loaded
from tests.plugins.view.site import FORM, log_of, site

MAKO = """
    from mako.lookup import TemplateLookup

    class MakoEngine:
        def __init__(self, ctx):
            roots = ctx.app.view.roots
            self.lookup = TemplateLookup(roots, default_filters=["h"], strict_undefined=True)

        async def render(self, filename, locals, options):
            return self.lookup.get_template(options.name).render(**locals)

        async def render_string(self, template, locals, options):
            from mako.template import Template

            return Template(template, default_filters=["h"]).render(**locals)
"""
BOOT = """
    from eggd import Boot
    from lib.mako.mako_engine import MakoEngine

    class Engines(Boot):
        def config_did_load(self):
            self.app.view.use("mako", MakoEngine)
"""
PLUGIN = {
    "lib/mako/plugin.toml": 'name = "mako_view"\ndependencies = ["view"]\n',
    "lib/mako/app.py": BOOT,
    "lib/mako/mako_engine.py": MAKO,
    "config/plugin.py": 'security = False\nmako_view = {"path": "lib/mako"}\n',
}
MAPPED = "view = {'mapping': {'.mako': 'mako'}}"


class Engine:
    """An engine that renders the name of the file."""

    def __init__(self, ctx: object) -> None: ...

    async def render(self, filename: str, locals: object, options: object) -> str:
        return filename

    async def render_string(self, template: str, locals: object, options: object) -> str:
        return template


class Half:
    """An engine without a method."""

    async def render(self, filename: str, locals: object, options: object) -> str:
        return filename


def view(tmp_path: Path, section: ViewConfig) -> View:
    app = loaded(tmp_path / "shop", {"app/view/a.html": "", "config/plugin.py": "view = True\n"})  # type: ignore[var-annotated]
    app.loggers.close()
    return View(app, section, lambda view: Engine)


@pytest.mark.parametrize(
    ("name", "engine", "line"),
    [
        ("", Engine, "name is required"),
        ("x", None, "viewEngine is required"),
        ("twice", Engine, "has been registered"),
        ("jinja2", Engine, "has been registered"),
        ("x", object, "viewEngine should implement `render`"),
        ("x", Half, "viewEngine should implement `render_string`"),
    ],
)
def test_a_wrong_registration_is_an_error(
    tmp_path: Path, name: str, engine: type[Engine], line: str
) -> None:
    """Each mistake has a line that names it (core:VW-2)."""
    views = view(tmp_path, ViewConfig())
    views.use("twice", Engine)
    with pytest.raises(EggError) as caught:
        views.use(name, engine)
    assert line in caught.value.line


def test_a_plugin_adds_an_engine(tmp_path: Path) -> None:
    """Mako renders the files of its extension, escaped, with the variables of every engine."""
    templates = {
        "cart.mako": "<p>${name} ${ctx.path} ${shop}",
        "cart.html": "<p>jinja {{ name }}",
    }
    config = f"{MAPPED}\n"
    with site(tmp_path / "shop", templates, config, files=PLUGIN) as client:
        answer = client.get("/?name=cart.mako&shop=%3Cb%3E")
        assert answer.text == "<p>cart.mako / &lt;b&gt;"
        assert client.get("/?name=cart").text == "<p>jinja cart"
        assert client.get("/?name=cart&engine=mako").text == "<p>jinja {{ name }}"


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ("view = {'mapping': {'.x': 'ninja'}}", "view.mapping..x: the engine 'ninja' is not"),
        ("view = {'default_view_engine': 'ninja'}", "config_default.py:2: view.default_view"),
        ("view = {'mapping': {'x': 'jinja2'}}", "the extension 'x' must begin with a dot"),
        ("view = {'default_extension': 'html'}", "(write '.html')"),
        ("view = {'chache': False}", "view.chache: unknown key (did you mean 'cache'?)"),
        ("view = {'jinja2': {'extensions': ['jinja2.ext.nope']}}", "view.jinja2.extensions: "),
        ("view = {'jinja2': {'extensions': ['os.path']}}", "view.jinja2.extensions: 'module'"),
        ("view = {'jinja2': {'undefined': 'loud'}}", "view.jinja2.undefined must be"),
    ],
)
def test_a_mistake_in_the_config_ends_the_start(tmp_path: Path, config: str, line: str) -> None:
    with pytest.raises(EggError) as caught, site(tmp_path / "shop", {"a.html": ""}, config):
        pass
    assert line in caught.value.line


@pytest.mark.parametrize(
    ("config", "path", "line"),
    [
        ("view = {'default_view_engine': ''}", "/?name=a", "Can't find viewEngine for "),
        ("", "/?name=a&engine=ninja", 'Can\'t find ViewEngine "ninja" (known: jinja2)'),
    ],
)
def test_a_template_without_an_engine_is_one_line(
    tmp_path: Path, config: str, path: str, line: str
) -> None:
    """The line names the file, or the known engines (core:VW-4)."""
    with site(tmp_path / "shop", {"a.html": "a"}, config) as client:
        assert client.get(path).status == 500
    assert line in log_of(client)


def test_a_text_without_an_engine_is_one_line(tmp_path: Path) -> None:
    config = "view = {'default_view_engine': ''}"
    with site(tmp_path / "shop", {"a.html": "a"}, config) as client:
        assert client.ask("POST", "/string", b"template=a", FORM).status == 500
    assert "Can't find viewEngine" in log_of(client)


def test_a_missing_root_is_a_warning(tmp_path: Path) -> None:
    """A configured folder that does not exist is named; the others are used (core:VW-1)."""
    files = {"config/config_default.py": "view = {'root': 'app/view, app/views,app/view'}\n"}
    app = loaded(tmp_path / "shop", {**files, "app/view/a.html": "a"})  # type: ignore[var-annotated]
    app.loggers.close()
    assert app.view.roots == [f"{tmp_path}/shop/app/view"]
    assert any("config_default.py:1: view.root: the folder" in line for line in app.warnings)


@pytest.mark.parametrize(("env", "cache"), [("local", False), ("prod", True), ("unittest", True)])
def test_templates_are_cached_except_in_local(tmp_path: Path, env: str, cache: bool) -> None:
    app = loaded(tmp_path / "shop", {"app/view/a.html": "a"}, env=env)  # type: ignore[var-annotated]
    app.loggers.close()
    assert app.config.view.cache is cache
    assert app.config.view.default_extension == ".html"
    assert dict(app.config.view.mapping) == {}
