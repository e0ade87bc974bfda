"""Texts and their values, plural forms, and functions in templates (core:I18N-4, I18N-5)."""

from __future__ import annotations

import gettext
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from eggd import Application
from tests.app.loading import loaded
from tests.plugins.i18n.site import CATALOGUES, site


def mo(texts: Mapping[str, str]) -> bytes:
    """Returns a gettext file; plural forms are separated by NUL."""
    head = "Content-Type: text/plain; charset=UTF-8\n" + PLURALS
    entries = sorted((key.encode(), text.encode()) for key, text in {"": head, **texts}.items())
    start = 28 + 16 * len(entries)
    keys, values, blob = [], [], b""
    for key, _ in entries:
        keys.append((len(key), start + len(blob)))
        blob += key + b"\0"
    for _, text in entries:
        values.append((len(text), start + len(blob)))
        blob += text + b"\0"
    numbers = [number for pair in (*keys, *values) for number in pair]
    count = len(entries)
    fields = [0x950412DE, 0, count, 28, 28 + 8 * count, 0, start]
    return struct.pack(f"<7I{4 * count}I", *fields, *numbers) + blob


PLURALS = (
    "Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 &&"
    " (n%100<10 || n%100>=20) ? 1 : 2);\n"
)
EGGS = {
    "one egg\0%d eggs": "\0".join(
        ["%d \u044f\u0439\u0446\u043e", "%d \u044f\u0439\u0446\u0430", "%d \u044f\u0438\u0446"]
    ),
    "Home": "\u0414\u043e\u043c",
    "Hello <b>%(name)s</b>": "\u041f\u0440\u0438\u0432\u0435\u0442 <b>%(name)s</b>",
}


def shop(tmp_path: Path, files: Mapping[str, str] | None = None) -> Application:
    root = tmp_path / "shop"
    folder = root / "config/locale/ru/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.mo").write_bytes(mo(EGGS))
    app: Application = loaded(root, {**CATALOGUES, **(files or {})})
    app.loggers.close()
    return app


@pytest.mark.parametrize(
    ("key", "values", "text"),
    [
        ("Hello %s", ("Ada",), "Hallo Ada"),
        ("Hello %s", (), "Hallo %s"),
        ("Hello %s", ("%s",), "Hallo %s"),
        ("Hello %s", (0,), "Hallo 0"),
        ("menu.home", (), "Start"),
        ("nothing like it", (), "nothing like it"),
        ("%d of %d (%j) 100%%", (1, 2, {"a": 1}), '1 of 2 ({"a": 1}) 100%'),
        ("%s %s", ("one",), "one %s"),
        ("{0} and {1}, {2}", (["a", "b"],), "a and b, {2}"),
        ("{a} {b} {c}", ({"a": "{b}", "b": 0},), "{b} 0 {c}"),
        ("", (), ""),
        (None, (), ""),
        ("{99999999999999999999}", (["a"],), "{99999999999999999999}"),
    ],
)
def test_values_fill_the_places_of_a_text(
    tmp_path: Path, key: str | None, values: tuple[object, ...], text: str
) -> None:
    """A place without a value stays; 0 is a value, unlike in Egg (core:I18N-4)."""
    assert shop(tmp_path).gettext("de", key, *values) == text


def test_keyword_arguments_are_names(tmp_path: Path) -> None:
    app = shop(tmp_path)
    assert app.gettext("de", "{a} %(a)s {b}", a=1) == "1 1 {b}"
    assert app.gettext("de", "Hi {name}: %s", "X", name="%s") == "Hi %s: X"
    assert app.gettext("de", "{name} {0}", ["{name}"], name="{0}") == "{0} {name}"
    assert app.gettext("de", "%(a)s of 100%%", a="%s") == "%s of 100%%"


@pytest.mark.parametrize(
    ("locale", "text"),
    [("de", "Hallo x"), ("DE_at", "Hallo x"), ("nope", "Hello x"), ("zh_CN", "\u4f60\u597d x")],
)
def test_app_translates_for_a_locale(tmp_path: Path, locale: str, text: str) -> None:
    """An unknown locale is the default one (core:I18N-5)."""
    app = shop(tmp_path)
    assert app.__(locale, "Hello %s", "x") == text


@pytest.mark.parametrize(
    ("locale", "number", "text"),
    [
        ("ru", 1, "1 \u044f\u0439\u0446\u043e"),
        ("ru", 3, "3 \u044f\u0439\u0446\u0430"),
        ("ru", 11, "11 \u044f\u0438\u0446"),
        ("ru", 21, "21 \u044f\u0439\u0446\u043e"),
        ("de", 1, "one egg"),
        ("de", 2, "2 eggs"),
    ],
)
def test_plural_forms_follow_the_rule_of_the_language(
    tmp_path: Path, locale: str, number: int, text: str
) -> None:
    app = shop(tmp_path)
    ctx = app.create_anonymous_context()
    ctx.locale = locale
    assert ctx.ngettext("one egg", "%d eggs", number) == text


def test_a_later_file_wins_for_each_key(tmp_path: Path) -> None:
    """The app over its plugins; a dict over gettext (core:I18N-1)."""
    files = {
        "config/plugin.py": 'fruit = {"path": "lib/fruit"}\n',
        "lib/fruit/plugin.toml": 'name = "fruit"\n',
        "lib/fruit/config/locale/de.py": 'messages = {"Hello %s": "Tag %s", "apple": "Apfel"}\n',
        "config/locales/ru.json": '{"Home": "dict"}',
    }
    app = shop(tmp_path, files)
    assert app.gettext("de", "Hello %s", "x") == "Hallo x"
    assert app.gettext("de", "apple") == "Apfel"
    assert app.gettext("ru", "Home") == "dict"


PAGE = (
    "<p>{{ __('Hello %s', name) }}|{{ _('Home') }}|{{ ngettext('one egg', '%d eggs', 3) }}|"
    "{% trans name=name %}Hello <b>{{ name }}</b>{% endtrans %}|{{ gettext(name) }}|"
    "{% trans n=2 %}{{ n }} hen, 100%{% pluralize %}{{ n }} hens, 100%{% endtrans %}"
)


def test_templates_have_the_functions(tmp_path: Path) -> None:
    """Results are escaped, but not the tags of a `trans` block (core:I18N-6, known:KW-75)."""
    root = tmp_path / "shop"
    folder = root / "config/locale/ru/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.mo").write_bytes(mo(EGGS))
    with site(root, files={"app/view/page.html": PAGE}) as client:
        text = client.get("/page?locale=ru&name=%3Ci%3E").text
    assert text == (
        "<p>Hello &lt;i&gt;|\u0414\u043e\u043c|3 \u044f\u0439\u0446\u0430|"
        "\u041f\u0440\u0438\u0432\u0435\u0442 <b>&lt;i&gt;</b>|&lt;i&gt;|2 hens, 100%"
    )


def test_other_engines_have_them_as_variables(tmp_path: Path) -> None:
    """A view's variables have `__` and `gettext`; `ctx.locals` has neither (core:I18N-6)."""
    app = shop(tmp_path)
    ctx = app.create_anonymous_context()
    variables = app.view.variables(ctx, None)
    assert variables["__"] == variables["gettext"] == ctx.gettext
    assert "__" not in ctx.locals


def test_the_gettext_file_of_this_test_is_one(tmp_path: Path) -> None:
    path = tmp_path / "messages.mo"
    path.write_bytes(mo(EGGS))
    with path.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Home") == "\u0414\u043e\u043c"


def test_without_the_plugin_there_is_no_member(tmp_path: Path) -> None:
    app = loaded(tmp_path / "shop", {"config/plugin.py": "i18n = False\n"})  # type: ignore[var-annotated]
    app.loggers.close()
    assert not hasattr(app.create_anonymous_context(), "gettext")
