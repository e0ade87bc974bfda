"""The locale of a request: query, user, cookie, Accept-Language, default (core:I18N-2, I18N-3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.app.application import Application
from tests.app.loading import loaded
from tests.plugins.i18n.site import CATALOGUES, cookie_of, site

HOSTILE = [
    *("../../../etc/passwd", "de/../fr", "de\r\nSet-Cookie: x=1", '"><script>', "de\0x", "de;x"),
    *(
        "x" * 8000,
        "%",
        "__proto__",
        "\uff44\uff45",
        "de-" + "a" * 100,
        "-de",
        "de-",
        "*",
        "\ud83d\ude00",
    ),
]


@pytest.mark.parametrize(
    ("query", "cookie", "accept", "expected"),
    [
        ("", "", "", "en-us default"),
        ("de", "pt-br", "zh-CN", "de query"),
        ("zh_CN", "", "", "zh-cn query"),
        ("ZH-cn", "", "", "zh-cn query"),
        ("zh", "", "", "zh-cn query"),
        ("german", "", "", "de query"),
        ("fr", "pt-br", "", "pt-br cookie"),
        ("", "de", "zh-CN", "de cookie"),
        ("", "fr", "zh-CN", "zh-cn header"),
        ("", "", "fr, de-AT;q=0.9, zh;q=0.8", "de header"),
        ("", "", "zh;q=0.8, de;q=0.9", "de header"),
        ("", "", "pt", "pt-br header"),
        ("", "", "en", "en-us header"),
        ("", "", "*", "en-us default"),
        ("", "", "de;q=0", "en-us default"),
        ("", "", "fr", "en-us default"),
    ],
)
def test_the_first_source_with_a_known_locale_decides(
    tmp_path: Path, query: str, cookie: str, accept: str, expected: str
) -> None:
    """Aliases, other cases, the language alone; unknown ones are passed over (core:I18N-2)."""
    config = "i18n = {'locale_alias': {'german': 'de'}}\n"
    headers = {"Cookie": f"locale={cookie}", "Accept-Language": accept}
    with site(tmp_path / "shop", config) as client:
        answer = client.ask("GET", f"/chosen?locale={query}", headers=headers)
        assert answer.text == expected


@pytest.mark.parametrize(
    ("path", "cookie", "sent"),
    [
        ("/plain", "", ""),
        ("/", "", "locale=en-us; path=/; max-age=31536000; expires="),
        ("/?locale=de", "", "locale=de; path=/; max-age=31536000; expires="),
        ("/", "de", ""),
        ("/?locale=", "de", ""),
        ("/?locale=de", "de", ""),
        ("/", "zh-CN", "locale=zh-cn; "),
        ("/change?to=de", "zh-cn", "locale=de; "),
        ("/change?to=nope", "zh-cn", "locale=en-us; "),
    ],
)
def test_the_cookie_is_set_if_the_locale_differs(
    tmp_path: Path, path: str, cookie: str, sent: str
) -> None:
    """A request that translates nothing gets no cookie (core:I18N-3)."""
    with site(tmp_path / "shop") as client:
        line = cookie_of(client.ask("GET", path, headers={"Cookie": f"locale={cookie}"}))
        assert line.startswith(sent)
        assert bool(line) is bool(sent)
        assert "httponly" not in line.lower()


@pytest.mark.parametrize(
    ("config", "path", "sent"),
    [
        ("{'write_cookie': False}", "/?locale=de", ""),
        ("{'write_cookie': 'query'}", "/", ""),
        ("{'write_cookie': 'query'}", "/?locale=de", "locale=de; "),
        ("{'cookie_field': ''}", "/?locale=de", ""),
        ("{'cookie_field': 'lang', 'query_field': 'lang'}", "/?lang=de", "lang=de; "),
        ("{'cookie_domain': 'shop.example'}", "/?locale=de", "locale=de; path=/; max-age=3153600"),
    ],
)
def test_the_config_decides_about_the_cookie(
    tmp_path: Path, config: str, path: str, sent: str
) -> None:
    with site(tmp_path / "shop", f"i18n = {config}\n") as client:
        line = cookie_of(client.get(path))
        assert line.startswith(sent)
        assert bool(line) is bool(sent)
        assert ("domain=shop.example" in line) is ("domain" in config)


def test_a_function_returns_the_locale_of_a_user(tmp_path: Path) -> None:
    """The query wins over it; it wins over cookie and header."""
    config = "i18n = {'locale_of': lambda ctx: ctx.get('x-user-locale')}\n"
    headers = {"X-User-Locale": "de", "Cookie": "locale=pt-br", "Accept-Language": "zh"}
    with site(tmp_path / "shop", config) as client:
        assert client.ask("GET", "/chosen", headers=headers).text == "de user"
        assert client.ask("GET", "/chosen?locale=zh", headers=headers).text == "zh-cn query"
        headers["X-User-Locale"] = "nope"
        assert client.ask("GET", "/chosen", headers=headers).text == "pt-br cookie"


@pytest.mark.parametrize(
    ("path", "vary"),
    [("/", "Cookie, Accept-Language"), ("/?locale=de", None), ("/plain", None)],
)
def test_caches_learn_what_the_language_depends_on(
    tmp_path: Path, path: str, vary: str | None
) -> None:
    with site(tmp_path / "shop") as client:
        assert client.get(path).headers["Vary"] == vary


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_locale_is_neither_kept_nor_echoed(tmp_path: Path, value: str) -> None:
    """In query, cookie, header and assignment; only names of catalogues are sent (known:KW-75)."""
    from urllib.parse import quote

    quoted = quote(value.encode("utf-8", "surrogatepass"))
    cookie = "".join(c for c in value if " " < c < "\x7f" and c != ";")[:4000]
    with site(tmp_path / "shop") as client:
        for path, expected in (("/chosen", "default"), ("/change", "set")):
            field = "to" if expected == "set" else "locale"
            answer = client.ask(
                "GET",
                f"{path}?{field}={quoted}"[:8000],
                headers={"Cookie": f"locale={cookie}", "Accept-Language": cookie},
            )
            assert answer.text == f"en-us {expected}"
            assert cookie_of(answer).startswith("locale=en-us; ")


@pytest.mark.parametrize(
    "field",
    [
        *("de;q=nan", "de;q=inf", "de;q=1e0", "de;q=-1", "de;q=2", "de;q=0.0001", "de;;q=1"),
        *("," * 7000, "a;q=0.1," * 800, "*;q=1", "de q=1", "d" * 7000, "de_AT@euro"),
    ],
)
def test_a_malformed_header_is_the_default(tmp_path: Path, field: str) -> None:
    """The quality follows the grammar of RFC 9110 (known:KW-75)."""
    with site(tmp_path / "shop") as client:
        assert client.ask("GET", "/chosen", headers={"Accept-Language": field}).text == (
            "en-us default"
        )


def test_the_memory_of_headers_is_bounded(tmp_path: Path) -> None:
    app = loaded(tmp_path / "shop", CATALOGUES)  # type: ignore[var-annotated]
    app.loggers.close()
    for number in range(1000):
        app.i18n._of_header(f"de;q=0.{number}")
    assert app.i18n._of_header.cache_info().currsize == 256


@pytest.mark.parametrize("accept", ["en-US,en;q=0.9", "en-GB", "en", "fr", ""])
def test_the_catalogue_of_a_language_serves_the_default_locale(tmp_path: Path, accept: str) -> None:
    """`en.toml`, while browsers and the default ask for en-US (core:I18N-2)."""
    files = {"config/locale/en.toml": '"Hello %s" = "Good day %s"\n'}
    with site(tmp_path / "shop", files=files) as client:
        answer = client.ask("GET", "/", headers={"Accept-Language": accept})
        assert answer.text == "Good day you"


@pytest.mark.parametrize(
    ("default", "catalogue", "accept", "expected"),
    [
        ("en_US", "en", "en-US", "en header"),
        ("en_US", "en", "en-GB", "en header"),
        ("en_US", "en", "", "en default"),
        ("en_US", "en-GB", "", "en-gb default"),
        ("en_US", "en-US", "en-US", "en-us header"),
        ("en_US", "fr", "en-US", "en-us header"),
        ("xx", "en", "", "xx default"),
    ],
)
def test_a_locale_without_a_catalogue_is_the_nearest_of_its_language(
    tmp_path: Path, default: str, catalogue: str, accept: str, expected: str
) -> None:
    """The default locale, too (core:I18N-2)."""
    files = {f"config/locale/{catalogue}.toml": 'a = "b"\n'}
    config = f"i18n = {{'default_locale': {default!r}}}\n"
    with site(tmp_path / "shop", config, files) as client:
        answer = client.ask("GET", "/chosen", headers={"Accept-Language": accept})
        assert answer.text == expected


@pytest.mark.parametrize(("default", "count"), [("xx", 1), ("de_AT", 0), ("en_US", 0)])
def test_a_default_locale_without_a_catalogue_is_a_warning(
    tmp_path: Path, default: str, count: int
) -> None:
    files = {
        "config/config_default.py": f"i18n = {{'default_locale': {default!r}}}\n",
        "config/locale/de.toml": 'a = "b"\n',
    }
    app: Application = loaded(tmp_path / "shop", files)
    app.loggers.close()
    line = f"i18n.default_locale: {default!r} has no catalogue (known: de)"
    assert app.warnings.count(line) == count
