"""The section `i18n` of the config."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from eggd import Context, Seconds, check_function


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
    cookie_max_age: Seconds = 31536000.0
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
