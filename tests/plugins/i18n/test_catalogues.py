"""Files of catalogues: a wrong one ends the start with one line (core:I18N-1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.app.application import Application
from eggd.errors import EggError
from eggd.testing.make_app import make_app
from tests.app.loading import loaded

FOLDER = "config/locale"


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("de.json", "{\n'a': 1}", "de.json:2: is not valid JSON: Expecting property name"),
        ("de.json", "[]", "de.json: must hold keys and texts, not list"),
        ("de.json", '{"a": "b",\n"c": {"d": 3}}', "de.json:2: c.d: must be text, not 3"),
        ("de.json", '{"a": "b",\n"a": "c"}', "de.json:2: the key 'a' is in the file twice"),
        ("de.json", "[" * 100_000, "de.json: is nested too deeply"),
        ("de.json", '{"a":' * 100 + '"b"' + "}" * 100, "is nested too deeply"),
        ("de.toml", 'a = "b"\nc = ', "de.toml:2: is not valid TOML: Invalid value"),
        ("de.toml", 'a = "b"\na = "c"', "de.toml:2: is not valid TOML: Cannot overwrite"),
        ("de.toml", 'a = "b"\nc = ["d"]', "de.toml:2: c: must be text, not ['d']"),
        ("de.properties", "a = b\n= c", "de.properties:2: must be 'key = text', not '= c'"),
        ("de.properties", "a = b\na: c", "de.properties:2: the key 'a' is in the file twice"),
        ("de.py", "messages = {'a': 1}", "de.py:1: a: must be text, not 1"),
        ("de.py", "texts = {}", "de.py: must define a dict named messages"),
        ("de.py", "#\nmessages = {", "de.py:2: SyntaxError"),
        ("de.py", "#\n1 / 0", "de.py:2: ZeroDivisionError"),
        ("de.yml", "a: b", "de.yml: .yml files are not read (write de.toml)"),
        ("de.js", "", "de.js: .js files are not read"),
        ("deutsch!.json", "{}", "'deutsch!' is not a locale (such as de or zh-CN)"),
        ("de/LC_MESSAGES/messages.mo", "no", "messages.mo: is not a gettext file"),
    ],
)
def test_a_wrong_catalogue_is_one_line(tmp_path: Path, name: str, content: str, line: str) -> None:
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", {f"{FOLDER}/{name}": content})
    assert f"{FOLDER}/" in caught.value.line
    assert line in caught.value.line
    assert "\n" not in caught.value.line


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ("'cookie_field': 'a;b'", "i18n.cookie_field: 'a;b' is not a cookie's name"),
        ("'cookie_domain': 'a;b'", "i18n.cookie_domain: 'a;b' is not a domain (shop.example)"),
    ],
)
def test_a_cookie_that_cannot_be_set(tmp_path: Path, options: str, line: str) -> None:
    """The start fails, not each request that needs a text."""
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", {"config/config_default.py": f"i18n = {{{options}}}\n"})
    assert line in caught.value.line


def test_a_missing_folder_of_the_config_is_a_warning(tmp_path: Path) -> None:
    config = {"config/config_default.py": "i18n = {'dirs': ['texts']}\n"}
    app: Application = loaded(tmp_path / "shop", config)
    assert "i18n.dirs: the folder texts does not exist" in app.warnings
    app.loggers.close()


@pytest.mark.parametrize("cut", [0, 3, 4, 20, 27, 40, 60])
def test_a_cut_gettext_file_is_one_line(tmp_path: Path, cut: int) -> None:
    from tests.plugins.i18n.test_texts import EGGS, mo

    root = make_app(tmp_path / "shop", {f"{FOLDER}/de/LC_MESSAGES/x.txt": ""})
    (root / f"{FOLDER}/de/LC_MESSAGES/messages.mo").write_bytes(mo(EGGS)[:cut])
    with pytest.raises(EggError) as caught:
        loaded(root, {})
    assert "messages.mo: is not a gettext file" in caught.value.line


def test_a_catalogue_that_is_not_utf8_is_one_line(tmp_path: Path) -> None:
    root = make_app(tmp_path / "shop", {f"{FOLDER}/de.toml": ""})
    (root / f"{FOLDER}/de.toml").write_bytes(b'a = "b"\nc = "\xff"')
    with pytest.raises(EggError) as caught:
        loaded(root, {})
    assert "de.toml:2: is not UTF-8" in caught.value.line


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("notes.txt", "notes.txt: is not a catalogue"),
        ("french.toml", "'french' is not a language that browsers ask for (2 or 3 letters"),
        ("de/LC_MESSAGES/messages.po", "messages.po: has no effect (run 'eggd i18n compile')"),
        ("de/other.po", "de: has no LC_MESSAGES/messages.mo"),
    ],
)
def test_a_file_that_is_not_read_is_a_warning(tmp_path: Path, name: str, warning: str) -> None:
    app = loaded(tmp_path / "shop", {f"{FOLDER}/{name}": ""})  # type: ignore[var-annotated]
    app.loggers.close()
    assert any(warning in line for line in app.warnings)


def test_a_key_in_two_files_of_a_locale_is_a_warning(tmp_path: Path) -> None:
    """The later file wins; a catalogue of another folder may replace texts."""
    files = {"de.json": '{"a": "1", "b": "2"}', "de.toml": 'a = "3"\nc = "4"\n'}
    given = {f"{FOLDER}/{name}": text for name, text in files.items()}
    app = loaded(tmp_path / "shop", {**given, "config/locales/de.toml": 'a = "5"\n'})  # type: ignore[var-annotated]
    app.loggers.close()
    [line] = [line for line in app.warnings if "de.toml" in line]
    assert line.endswith("de.toml: 'a' is also in de.json, where its text has no effect")
    assert app.gettext("de", "a") == "5"


def test_files_beside_the_catalogues_are_ignored(tmp_path: Path) -> None:
    names = ("messages.pot", ".hidden", "_draft.json", "__pycache__/x.pyc")
    app = loaded(tmp_path / "shop", {f"{FOLDER}/{name}": "" for name in names})  # type: ignore[var-annotated]
    app.loggers.close()
    assert not any(FOLDER in line for line in app.warnings)
    assert dict(app.i18n.catalogues) == {}


def test_properties_have_comments_escapes_and_long_lines(tmp_path: Path) -> None:
    text = "# note\n! note\n\na\\ b : c\\u00e4\\n\\\n   d\nkey value\nempty =\nurl = http://x\n"
    app = loaded(tmp_path / "shop", {f"{FOLDER}/de.properties": text})  # type: ignore[var-annotated]
    app.loggers.close()
    texts = {key: app.gettext("de", key) for key in ("a b", "key", "url")}
    assert texts == {"a b": "c\u00e4\nd", "key": "value", "url": "http://x"}


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ("{'default_locale': '../x'}", "i18n.default_locale: '../x' is not a locale"),
        (
            "{'locale_alias': {'a1': 'fr'}}",
            "the locale 'fr' has no catalogue (there is no catalogue in i18n.dirs)",
        ),
        (
            "{'locale_alias': {'a b': 'en_US'}}",
            "i18n.locale_alias: 'a b' cannot be the name of a locale",
        ),
        ("{'querry_field': 'x'}", "i18n.querry_field: unknown key"),
        ("{'write_cookie': 'always'}", "i18n.write_cookie must be"),
        ("{'locale_of': _of}", "i18n.locale_of is async (define it: def locale_of(ctx))"),
        ("{'locale_of': lambda: 'de'}", "i18n.locale_of: too many positional arguments"),
        ("{'locale_of': 'de'}", "i18n.locale_of must be"),
    ],
)
def test_a_mistake_in_the_config_ends_the_start(tmp_path: Path, config: str, line: str) -> None:
    text = f"async def _of(ctx): ...\ni18n = {config}\n"
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", {"config/config_default.py": text})
    assert line in caught.value.line
    assert "config/config_default.py:2" in caught.value.line


def test_the_defaults_are_those_of_egg(tmp_path: Path) -> None:
    """All of the section (core:I18N-1)."""
    app = loaded(tmp_path / "shop", {})  # type: ignore[var-annotated]
    app.loggers.close()
    options = app.config.i18n
    assert (options.default_locale, options.query_field, options.cookie_field) == (
        *("en_US", "locale", "locale"),
    )
    assert (options.cookie_domain, options.cookie_max_age) == ("", 31536000.0)
    assert (dict(options.locale_alias), options.write_cookie) == ({}, True)
