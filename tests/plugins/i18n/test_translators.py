"""`eggd i18n`: extracts texts, updates and compiles the files of translators."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.plugins.i18n.messages import compile_all, extract, update
from eggd.testing.make_app import make_app
from tests.app.loading import loaded

APP = {
    "app/router.py": """
        def router(app):
            # Translators: on the first page
            app.get("/", lambda ctx: ctx.gettext("Good morning"))
            app.get("/n", lambda ctx: ctx.ngettext("%d egg", "%d eggs", 2))
            app.get("/n", lambda ctx: ctx.__("Good morning"))
    """,
    "app/view/a.html": "<p>{{ __('From a page') }}</p>\n{% trans %}In a <b>block</b>{% endtrans %}",
    "app/view/b.j2": "{{ ngettext('hen', 'hens', n) }}{{ other('not this') }}",
}


def ignore(text: str) -> None: ...


def translate(root: Path, texts: Mapping[str, str]) -> Path:
    """Writes translations into the file of de, and returns it."""
    path = root / "config/locale/de/LC_MESSAGES/messages.po"
    content = path.read_text()
    for text, translation in texts.items():
        content = content.replace(f'msgid "{text}"\nmsgstr ""', f'msgid "{text}"\n{translation}')
    path.write_text(content)
    return path


def test_texts_are_extracted_updated_and_compiled(tmp_path: Path) -> None:
    root = make_app(tmp_path / "shop", APP)
    assert extract(root, ignore).texts == 5
    pot = (root / "config/locale/messages.pot").read_text()
    assert "#. Translators: on the first page\n#: app/router.py:3 app/router.py:5\n" in pot
    assert 'msgid "In a <b>block</b>"' in pot
    assert "not this" not in pot
    [counts] = update(root, ["de"], ignore)
    assert (counts.texts, counts.translated) == (5, 0)
    path = translate(root, {"Good morning": 'msgstr "Guten Morgen"'})
    [counts] = compile_all(root, [], ignore)
    assert (counts.path.suffix, counts.texts, counts.translated) == (".mo", 5, 1)
    assert path.with_suffix(".mo").is_file()
    app = loaded(root, {})  # type: ignore[var-annotated]
    app.loggers.close()
    assert app.gettext("de", "Good morning") == "Guten Morgen"
    assert app.gettext("de", "From a page") == "From a page"


def test_an_update_keeps_translations_and_guesses_changed_ones(tmp_path: Path) -> None:
    root = make_app(tmp_path / "shop", APP)
    extract(root, ignore)
    update(root, ["de"], ignore)
    translate(root, {"Good morning": 'msgstr "Guten Morgen"', "From a page": 'msgstr "Seite"'})
    make_app(root, {"app/view/a.html": "<p>{{ __('From a pages') }}"})
    extract(root, ignore)
    [counts] = update(root, [], ignore)
    assert (counts.texts, counts.translated, counts.fuzzy, counts.obsolete) == (4, 1, 1, 1)


def test_the_folder_of_a_locale_may_have_a_hyphen(tmp_path: Path) -> None:
    """As the folders that the app reads; Chinese has one form of a plural."""
    folder = "config/locale/zh-CN/LC_MESSAGES"
    root = make_app(tmp_path / "shop", {**APP, f"{folder}/messages.po": ""})
    extract(root, ignore)
    assert [each.path for each in update(root, [], ignore)] == [root / folder / "messages.po"]
    [counts] = update(root, ["zh_cn"], ignore)
    assert (counts.path, counts.texts) == (root / folder / "messages.po", 5)
    [counts] = compile_all(root, ["zh-CN"], ignore)
    assert counts.path == root / folder / "messages.mo"
    assert [each.name for each in (root / "config/locale").iterdir() if each.is_dir()] == ["zh-CN"]


def test_static_files_and_folders_are_not_templates(tmp_path: Path) -> None:
    files = {
        "app/public/spa.html": "{% if %}{{ a b }}",
        "app/view/mail.txt/a.html": "{{ __('m') }}",
    }
    root = make_app(tmp_path / "shop", {**APP, **files})
    assert extract(root, ignore).texts == 6


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    root = make_app(tmp_path / "shop", APP)
    (root / "config/locale/messages.pot").mkdir(parents=True)
    with pytest.raises(EggError) as caught:
        extract(root, ignore)
    assert caught.value.line == f"{root / 'config/locale/messages.pot'}: Is a directory"


def test_a_file_without_a_change_is_not_written(tmp_path: Path) -> None:
    root = make_app(tmp_path / "shop", APP)
    extract(root, ignore)
    path = root / "config/locale/messages.pot"
    path.write_text(path.read_text().replace("Creation-Date: 2", "Creation-Date: 1"))
    before = path.read_text()
    extract(root, ignore)
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("app/view/a.html", "<p>\n{% if %}", "app/view/a.html:2: TemplateSyntaxError: Expected"),
        ("app/x.py", "a = 1\nb = '''\n", "app/x.py:2: TokenError: EOF in multi-line string"),
    ],
)
def test_a_file_that_cannot_be_parsed_is_one_line(
    tmp_path: Path, name: str, text: str, line: str
) -> None:
    root = make_app(tmp_path / "shop", {**APP, name: text})
    with pytest.raises(EggError) as caught:
        extract(root, ignore)
    assert line in caught.value.line


@pytest.mark.parametrize(
    ("translations", "line"),
    [
        ({"Good morning": 'msgstr "Guten\nx'}, "messages.po:"),
        ({"%d egg": 'msgid_plural "%d eggs"\nmsgstr[0] "%s Ei"\nmsgstr[1] "%d"'}, "messages.po:"),
    ],
)
def test_a_wrong_translation_is_one_line(
    tmp_path: Path, translations: Mapping[str, str], line: str
) -> None:
    root = make_app(tmp_path / "shop", APP)
    extract(root, ignore)
    update(root, ["de"], ignore)
    path = root / "config/locale/de/LC_MESSAGES/messages.po"
    for text, translation in translations.items():
        head, _, tail = path.read_text().partition(f'msgid "{text}"\n')
        rest = tail.partition("\n\n")[2]
        path.write_text(f'{head}msgid "{text}"\n{translation}\n\n{rest}')
    with pytest.raises(EggError) as caught:
        compile_all(root, [], ignore)
    assert line in caught.value.line
    assert "\n" not in caught.value.line


@pytest.mark.parametrize("locale", ["xx_YY", "../x", "", "de/../fr", "q"])
def test_an_unknown_locale_is_refused(tmp_path: Path, locale: str) -> None:
    root = make_app(tmp_path / "shop", APP)
    extract(root, ignore)
    with pytest.raises(EggError) as caught:
        update(root, [locale], ignore)
    assert caught.value.line == f"{locale!r} is not a locale (such as de or pt_BR)"


def test_each_command_names_the_one_before(tmp_path: Path) -> None:
    root = make_app(tmp_path / "shop", APP)
    with pytest.raises(EggError, match="run 'eggd i18n extract'"):
        update(root, ["de"], ignore)
    extract(root, ignore)
    with pytest.raises(EggError, match="run 'eggd i18n update de'"):
        update(root, [], ignore)
    with pytest.raises(EggError, match="run 'eggd i18n update fr'"):
        compile_all(root, ["fr"], ignore)
