"""Filters, helpers and tokens in templates; `eggd check` compiles all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.probe.check import check
from eggd.testing.make_app import make_app
from tests.plugins.view.site import site

FILTERS = {
    "app/extend/filter.py": """
        from html import escape as _escape

        def money(cents, currency="EUR"):
            return f"{cents / 100:.2f} {currency}"

        def _private(value):
            return value
    """,
    "app/extend/filter_prod.py": """
        def env(value):
            return f"{value} prod"
    """,
}
ON = {"config/plugin.py": "security = True\n"}
FORM = "<form method=post>{{ csrf_field() }}</form><script nonce='{{ ctx.nonce }}'></script>"
INJECTED = {
    "app/extend/application.py": """
        import eggd

        class Application(eggd.Application):
            def inject_csrf(self, html):
                field = '<input type="hidden" name="_csrf" value="{{ctx.csrf}}" />'
                return html.replace("</form>", f"\\r\\n{field}</form>")

            def inject_nonce(self, html):
                return html.replace("<script>", '<script nonce="{{ctx.nonce}}">')
    """
}


def test_functions_of_filter_py_are_filters(tmp_path: Path) -> None:
    page = "<p>{{ 250|money }} {{ 250|money('USD') }} {{ 'x'|env }}"
    with site(tmp_path / "shop", {"a.html": page}, files=FILTERS) as client:
        assert client.get("/?name=a").text == "<p>2.50 EUR 2.50 USD x prod"


def test_a_result_of_a_filter_is_escaped(tmp_path: Path) -> None:
    files = {"app/extend/filter.py": "def twice(value):\n    return value * 2\n"}
    with site(tmp_path / "shop", {"a.html": "<p>{{ q|twice }}"}, files=files) as client:
        assert client.get("/?name=a&q=%3C").text == "<p>&lt;&lt;"


def test_a_file_without_filters_is_an_error(tmp_path: Path) -> None:
    files = {"app/extend/filter.py": "money = 3\n"}
    with (
        pytest.raises(EggError) as caught,
        site(tmp_path / "shop", {"a.html": ""}, files=files),
    ):
        pass
    assert "app/extend/filter.py: defines no filter" in caught.value.line


def test_without_the_plugin_a_filter_extends_nothing(tmp_path: Path) -> None:
    files = {**FILTERS, "config/plugin.py": "view = False\n"}
    with pytest.raises(EggError) as caught, site(tmp_path / "shop", {"a.html": ""}, files=files):
        pass
    assert "app/extend/filter.py: extends nothing" in caught.value.line


def test_a_form_has_the_token_of_the_plugin_security(tmp_path: Path) -> None:
    """`csrf_field()` and the nonce are those of this response; without security they are empty."""
    with site(tmp_path / "shop", {"a.html": FORM}, files=ON) as client:
        text = client.get("/?name=a").text
        assert '<form method=post><input type="hidden" name="_csrf" value="' in text
        assert 'value=""' not in text
    with site(tmp_path / "other", {"a.html": "<form>{{ csrf_field() }}"}) as client:
        assert client.get("/?name=a").text == "<form>"


def test_a_form_that_calls_csrf_field_has_one_token(tmp_path: Path) -> None:
    """The injection of the plugin security knows the call."""
    forms = "<form method=post>{{ csrf_field() }}</form><form method=post></form>"
    with site(tmp_path / "shop", {"a.html": forms}, files=ON) as client:
        first, _, second = client.get("/?name=a").text.partition("</form>")
    assert (first.count('name="_csrf"'), second.count('name="_csrf"')) == (1, 1)


@pytest.mark.parametrize("name", ["args[0]", "func", "keywords", "__closure__", "__self__"])
def test_a_sandboxed_template_sees_nothing_behind_csrf_field(tmp_path: Path, name: str) -> None:
    config = "view = {'jinja2': {'sandbox': True}}"
    page = f"<p>{{{{ csrf_field.{name} }}}}</p>"
    with site(tmp_path / "shop", {"a.html": page}, config, files=ON) as client:
        answer = client.get("/?name=a")
    assert (answer.status, answer.text) in [(200, "<p></p>"), (500, answer.text)]
    assert "Context" not in answer.text


def test_a_form_without_a_field_gets_one(tmp_path: Path) -> None:
    """The lines of errors are those of the file: the field adds no line break (process:HLP-11)."""
    config = "security = {'csp': {'enable': True, 'policy': {'script-src': [\"'self'\"]}}}"
    page = "<form>\n</form>\n<script></script>{% include 'broken' %}"
    templates = {"a.html": page.partition("{%")[0], "b.html": page}
    files = {**ON, **INJECTED}
    with site(tmp_path / "shop", templates, config, files=files) as client:
        answer = client.get("/?name=a")
        assert '<form>\n<input type="hidden" name="_csrf" value="' in answer.text
        nonce = answer.text.partition('<script nonce="')[2].partition('"')[0]
        assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
        assert client.get("/?name=b").status == 500
    log = "".join(path.read_text() for path in sorted(client.log_dir.rglob("*.log")))
    assert "app/view/b.html:3: Can't find 'broken'" in log


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a/b.html", "<p>\n{% if %}", "app/view/a/b.html:2: Expected an expression"),
        ("b.j2", "{{ x|nope }}", "app/view/b.j2:1: No filter named 'nope'"),
        ("c.html", "<p>{% endif %}", "app/view/c.html:1: Encountered unknown tag 'endif'"),
    ],
)
def test_check_compiles_all_templates(tmp_path: Path, name: str, text: str, line: str) -> None:
    """Files that need not be templates, such as style sheets, are not compiled."""
    files = {"app/view/ok.html": "<p>{{ 1|round }}", "app/view/site.css": "a{#b{}"}
    root = make_app(tmp_path / "shop", {**files, "config/plugin.py": "security = False\n"})
    assert check(root, "prod", {}).warnings == []
    make_app(root, {f"app/view/{name}": text, "app/view/z.html": "{{"})
    with pytest.raises(EggError) as caught:
        check(root, "prod", {})
    assert line in caught.value.line
    assert "(also: " in caught.value.line
