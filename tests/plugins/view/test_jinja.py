"""The built-in engine: variables, escaping, errors with the lines of templates (core:VW-3..6)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import jinja2
import pytest
from markupsafe import Markup

from eggd.plugins.view.jinja_env import Environment
from tests.plugins.view.site import FORM, log_of, site

CONTEXT = {
    "app/extend/helper.py": """
        import eggd

        class Helper(eggd.Helper):
            def shout(self, text):
                return text.upper()

            async def fetch(self):
                return "fetched"
    """,
    "app.py": """
        from eggd import Boot

        class Shop(Boot):
            def config_did_load(self):
                self.app.locals = {"shop": "app", "name": "app"}
    """,
    "app/middleware/place.py": """
        def place(options, app):
            async def run(ctx, next):
                ctx.locals["place"] = "ctx"
                ctx.locals["name"] = "ctx"
                await next()
            return run
    """,
}


def test_the_caller_wins_over_ctx_and_ctx_over_app(tmp_path: Path) -> None:
    """All of them win over `ctx`, `request` and `helper` (core:VW-5)."""
    parts = ["shop", "place", "name", "ctx.path", "request.method", "helper.shout('x')"]
    page = "<p>" + " ".join(f"{{{{ {part} }}}}" for part in parts)
    config = "middleware = ['place']"
    with site(tmp_path / "shop", {"a.html": page}, config, files=CONTEXT) as client:
        assert client.get("/?name=a").text == "<p>app ctx a / GET X"


def test_render_sets_the_body_and_its_type(tmp_path: Path) -> None:
    """Text without a tag is HTML, too: a browser must not guess (core:VW-3)."""
    with site(tmp_path / "shop", {"a.html": "<p>a", "b.html": "{{ name }}: b"}) as client:
        for name, text in (("a", "<p>a"), ("b", "b: b")):
            answer = client.get(f"/?name={name}")
            assert (answer.status, answer.text) == (200, text)
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert client.get("/text?name=b").text == "b: b"


def test_templates_include_and_extend_each_other(tmp_path: Path) -> None:
    templates = {
        "layout/base.html": "<title>{% block title %}{% endblock %}</title>{% include 'part' %}",
        "part.html": "<p>{{ name }}</p>",
        "a.html": "{% extends 'layout/base.html' %}{% block title %}t{% endblock %}",
        "bad.html": "-\n{% include '../../config/config_default.py' %}",
        "soft.html": "<p>{% include '../x' ignore missing %}",
    }
    with site(tmp_path / "shop", templates) as client:
        assert client.get("/?name=a").text == "<title>t</title><p>a</p>"
        assert client.get("/?name=soft").text == "<p>"
        assert client.get("/?name=bad").status == 500
    assert "app/view/bad.html:2: Can't find '../../config/config_default.py'" in log_of(client)


@pytest.mark.parametrize("name", ["a.html", "a.j2", "a.tpl", "a.html.j2", "a.txt", "a"])
def test_every_extension_is_escaped(tmp_path: Path, name: str) -> None:
    """Also items of lists, and text templates without a name (known:KW-72)."""
    page = "<p>{{ q }} {{ [q] }} {{ {'k': q} }} {{ q ~ q }} {{ '%s'|format(q) }}"
    with site(tmp_path / "shop", {name: page}) as client:
        text = client.get(f"/?name={name}&q=%3Cb%3E").text
        assert "<b>" not in text
        assert text.count("&lt;b&gt;") == 6
        body = b"template={{ q }}{{ [q] }}&q=%3Cb%3E"
        assert "<b>" not in client.ask("POST", "/string", body, FORM).text


def test_escaping_is_off_only_by_the_config(tmp_path: Path) -> None:
    config = "view = {'jinja2': {'autoescape': False}}"
    with site(tmp_path / "shop", {"a.html": "<p>{{ q }}"}, config) as client:
        assert client.get("/?name=a&q=%3Cb%3E").text == "<p><b>"


@pytest.mark.parametrize("key", ["a b", "a/b", "a>b", "a\tb", "a=b"])
def test_a_key_of_xmlattr_adds_no_attribute(tmp_path: Path, key: str) -> None:
    """Debian 12's Jinja2 3.1.2 has the corrections, too (known:KW-73)."""
    page = f"<p{{{{ {{{key!r}: 1}}|xmlattr }}}}>"
    with site(tmp_path / "shop", {"a.html": page}) as client:
        assert client.get("/?name=a").status == 500


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("-\n\n{% if %}", "a.html:3: Expected an expression, got 'end of statement block'"),
        ("-\n{{ name", "a.html:2: "),
        ("-\n{{ name|nope }}", "a.html:2: No filter named 'nope'."),
        ("<p>\n\n{{ user.name.first }}", "a.html:3: 'user' is undefined"),
        ("-\n{% extends 'none.html' %}", "a.html:2: Can't find 'none.html'"),
        ("{% extends 'a.html' %}", "a.html:1: templates extend, include or call each other"),
        ("-\n{% include 'inner.html' %}", "inner.html:2: 'nothing' is undefined"),
        ("-\n{% include 'broken.html' %}", "broken.html:1: unexpected '}'"),
        (
            "-\n{{ helper.nope() }}",
            "a.html:2: 'eggd.app.context.helper.Helper object' has no",
        ),
    ],
)
def test_a_wrong_template_is_one_line_with_its_file_and_line(
    tmp_path: Path, page: str, line: str
) -> None:
    templates = {"a.html": page, "inner.html": "-\n{{ nothing.at.all }}", "broken.html": "{{ } }}"}
    with site(tmp_path / "shop", templates) as client:
        assert client.get("/?name=a").status == 500
        assert client.get("/?name=a").status == 500
    log = log_of(client)
    assert f"{tmp_path}/shop/app/view/" in log
    assert line in log
    assert "Traceback" not in log


def test_an_exception_of_the_app_shows_the_lines_of_templates(tmp_path: Path) -> None:
    templates = {"a.html": "-\n{{ 1 / 0 }}"}
    with site(tmp_path / "shop", templates) as client:
        assert client.get("/?name=a").status == 500
    assert f'File "{tmp_path}/shop/app/view/a.html", line 2' in log_of(client)


def test_a_template_that_is_not_utf8_is_one_line(tmp_path: Path) -> None:
    with site(tmp_path / "shop", {"a.html": ""}) as client:
        (tmp_path / "shop/app/view/b.html").write_bytes(b"<p>\n\xff")
        assert client.get("/?name=b").status == 500
    assert "app/view/b.html:2: is not UTF-8" in log_of(client)


def test_an_http_error_of_a_helper_is_its_answer(tmp_path: Path) -> None:
    with site(tmp_path / "shop", {"a.html": "{{ ctx.throw(402) }}"}) as client:
        assert client.get("/?name=a").status == 402


@pytest.mark.parametrize(("env", "text"), [("local", "<p>new"), ("prod", "<p>old")])
def test_a_changed_template_is_read_again_in_local(tmp_path: Path, env: str, text: str) -> None:
    with site(tmp_path / "shop", {"a.html": "<p>old"}, env=env) as client:
        assert client.get("/?name=a").text == "<p>old"
        (tmp_path / "shop/app/view/a.html").write_text("<p>new")
        assert client.get("/?name=a").text == text


def test_an_async_template_awaits_functions(tmp_path: Path) -> None:
    config = "view = {'jinja2': {'enable_async': True}}"
    page = "<p>{{ helper.fetch() }}{% for n in range(2) %}{{ n }}{% endfor %}"
    with site(tmp_path / "shop", {"a.html": page}, config, files=CONTEXT) as client:
        assert client.get("/?name=a").text == "<p>fetched01"
        assert client.get("/stream?name=a").text == "<p>fetched01"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ helper.app.config }}",
        "{{ request.app }}",
        "{{ ctx._ctx.app }}",
        "{{ ctx.app.config['keys'] }}",
        "{{ lipsum.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{% set x = rows.append(1) %}{{ rows }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{% for x in range(10 ** 9) %}{% endfor %}",
        "{{ self._TemplateReference__context }}",
    ],
)
def test_a_sandboxed_template_reaches_nothing_of_the_app(tmp_path: Path, attack: str) -> None:
    config = "view = {'jinja2': {'sandbox': True, 'undefined': 'strict'}}"
    templates = {"a.html": attack, "b.html": "<p>{{ name }}{{ ctx.csrf }}{{ ctx.nonce }}"}
    with site(tmp_path / "shop", templates, config) as client:
        assert client.get("/?name=a").status == 500
        assert client.get("/?name=b").text == "<p>b"


def test_attributes_of_dicts_are_read_as_jinja_does(tmp_path: Path) -> None:
    """A method of dict wins over an item of the same name, as in Jinja2 itself."""
    start = "<p>{% set d = {'a': 1, 'items': 2} %}"
    page = start + "{{ d.a }}{{ d['items'] }}{{ d.items()|length }}{{ d.b }}"
    with site(tmp_path / "shop", {"a.html": page}) as client:
        assert client.get("/?name=a").text == "<p>122"


VALUES = {
    "text": '<a href="x">\'&',
    "plain": "plain",
    "number": 3,
    "real": 1.5,
    "nothing": None,
    "yes": True,
    "row": {"id": 1, "name": "<b>", "items": "<i>", "deep": {"x": "<u>"}},
    "rows": [{"id": n, "name": f"<{n}>"} for n in range(3)],
    "safe": Markup("<hr>"),
    "pair": ("<", 2),
}


@pytest.mark.parametrize(
    "template",
    [
        "{{ text }}{{ plain }}{{ number }}{{ real }}{{ nothing }}{{ yes }}{{ safe }}{{ pair }}",
        "{{ row.id }}{{ row.name }}{{ row['items'] }}{{ row.deep.x }}{{ row.nope }}{{ row }}",
        "{{ nope }}|{{ nope is defined }}",
        "{% for row in rows %}<td>{{ row.id }}</td><td>{{ row.name }}{% else %}empty{% endfor %}",
        "{% for row in rows recursive %}{{ row.name }}{{ loop.index }}{% endfor %}{{ row.name }}",
        "{% for row in rows if row.id %}{{ row.name }}{{ loop.last }}{% endfor %}",
        "{% macro cell(x, y=row.name) %}<td>{{ x.name }}{{ y }}{% endmacro %}{{ cell(rows[1]) }}",
        "{% macro m() %}{{ caller(row) }}{% endmacro %}{% call(r) m() %}{{ r.name }}{% endcall %}",
        "{% set x %}<p>{{ row.name }}{{ text }}{% endset %}{{ x }}{% set y = row.deep %}{{ y.x }}",
        "{% filter upper %}a{{ text }}b{{ row.name }}{% endfilter %}",
        "{% autoescape false %}{{ text }}{{ row.name }}{% endautoescape %}{{ text }}",
        "{% autoescape yes %}{{ text }}-{{ row.name }}{% endautoescape %}",
        "{{ row.name if row.id else row.nope }}{{ rows|map(attribute='name')|join(', ') }}",
        "{{ text|safe }}{{ text|e }}{{ text|upper }}{{ row.name ~ safe }}{{ row.keys()|list }}",
        "{% block a %}<p>{{ row.name }}{{ text }}{% endblock %}{{ self.a() }}",
        "{% with a = row.name %}{{ a }}{{ a }}{% endwith %}{{ 1 }}{{ '<' }}{{ 2 + 3 }}",
        "{% if row.name == '<b>' and row.deep.x %}{{ row.deep['x'] }}{% endif %}",
        "{{ '%s<%s'|format(row.name, text) }}{{ rows[0].name.upper() }}{{ rows[0].name.nope }}",
    ],
)
def test_the_code_gives_the_same_text_as_that_of_jinja(template: str) -> None:
    """The faster code of `jinja_code.py` is compared with Jinja2's own, sync and async."""
    expected = jinja2.Environment(autoescape=True).from_string(template).render(VALUES)
    assert Environment(autoescape=True).from_string(template).render(VALUES) == expected
    later = Environment(autoescape=True, enable_async=True).from_string(template)
    assert asyncio.run(later.render_async(VALUES)) == expected


def test_the_code_names_the_line_of_each_value(tmp_path: Path) -> None:
    page = "<p>{{ 1 }}\n{{ q }}\n{{ q }}{{ q.x }}\n<i>{{ q.x.y }}\n{{ q }}"
    with site(tmp_path / "shop", {"a.html": page}) as client:
        assert client.get("/?name=a&q=1").status == 500
    assert "a.html:4: 'str object' has no attribute 'x'" in log_of(client)
