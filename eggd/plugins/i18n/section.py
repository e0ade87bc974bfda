"""The section `i18n` of the config."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from eggd import Between, ConfigError, Context, Seconds, check_function


@dataclass(frozen=True, slots=True, kw_only=True)
class I18nConfig:
    """Texts in the language of the visitor (core:I18N-1)."""

    default_locale: str = "en_US"
    """The locale of a request that asks for no other one that exists."""
    query_field: str = "locale"
    """The key of the query that chooses a locale, "" for no such key."""
    cookie_field: str = "locale"
    """The cookie that keeps the locale, "" for no such cookie."""
    cookie_domain: str = ""
    """The domain of the cookie."""
    cookie_max_age: Annotated[Seconds, Between(0, 400 * 86_400)] = 31536000.0
    """Seconds that the browser keeps the cookie."""
    write_cookie: bool | Literal["query"] = True
    """Whether the cookie is set if the locale differs from it; "query": only if the query has
    chosen the locale, so that responses to new visitors can be cached."""
    locale_alias: Mapping[str, str] = field(default_factory=dict)
    """Other names of locales: `{"zh": "zh-CN"}`."""
    locale_of: Callable[[Context], str | None] | None = None
    """A function of ctx that returns the locale of a user, None or "" without one. The query wins
    over it, and it wins over the cookie. It is not async."""
    dirs: Sequence[str] = ("config/locale", "config/locales")
    """The folders of catalogues in the app, its plugins and frameworks."""

    def __post_init__(self) -> None:
        if self.locale_of is not None:
            check_function("i18n.locale_of", self.locale_of, "ctx")
        if self.cookie_field and not _is_name(self.cookie_field):
            raise ConfigError(f"i18n.cookie_field: {self.cookie_field!r} is not a cookie's name")
        if self.cookie_domain and not _is_host(self.cookie_domain):
            raise ConfigError(
                f"i18n.cookie_domain: {self.cookie_domain!r} is not a domain", hint="shop.example"
            )


_is_name = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
"""Matches a token (RFC 9110 section 5.6.2)."""
_is_host = re.compile(r"\.?[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*").fullmatch
