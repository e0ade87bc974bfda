"""`Languages`: the catalogues of an app, and the locale of a request (core:I18N-2): `app.i18n`.

A value of a client is only compared: what is kept, sent or used is a name of the app's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from eggd import Application, ConfigError, Context
from eggd.plugins.i18n.arguments import fill, fill_count
from eggd.plugins.i18n.catalogue import Catalogue
from eggd.plugins.i18n.folders import Folders, normal
from eggd.plugins.i18n.header import LONGEST, languages
from eggd.plugins.i18n.section import I18nConfig

_LONGEST = 35
"""Characters of a locale (RFC 5646 section 4.4.1)."""
_HEADERS = 256
"""Values of Accept-Language whose locale is remembered."""


class Languages:
    """Translates texts, and chooses the locale of a request."""

    def __init__(self, app: Application, section: I18nConfig) -> None:
        """Reads all catalogues; raises ConfigError that names file and line."""
        self.section = section
        folders = Folders(app, section)
        folders.read()
        self.catalogues: Mapping[str, Catalogue] = folders.catalogues
        """The catalogues by locale: `zh-cn`."""
        self.warnings: Sequence[str] = folders.warnings
        """One line for each file that was not read."""
        self.default = normal(section.default_locale)
        """The locale of a request that asks only for locales without a catalogue."""
        if not self.default:
            raise ConfigError(
                f"i18n.default_locale: {section.default_locale!r} is not a locale",
                hint="such as en_US",
                keys=["i18n.default_locale"],
            )
        self._known = dict.fromkeys(sorted(self.catalogues))
        self._aliases: Mapping[str, str] = {}
        self._choose_default()
        self._aliases = self._checked_aliases()
        self._empty = Catalogue(self.default)
        self._of_header = lru_cache(_HEADERS)(self._in_header)

    def _choose_default(self) -> None:
        """Takes the nearest catalogue for the default locale; without one, its texts are the keys.

        Only if its language has no catalogue is the default locale known beside those that have.
        """
        if nearest := self.find(self.default):
            self.default = nearest
            return
        if self.catalogues and self.default != normal(I18nConfig().default_locale):
            text = f"i18n.default_locale: {self.section.default_locale!r} has no catalogue"
            self.warnings = [*self.warnings, f"{text} (known: {', '.join(self._known)})"]
        self._known = dict.fromkeys(sorted((self.default, *self._known)))

    def find(self, locale: str) -> str:
        """Returns the locale of the app that fits another name best, "" without one.

        It is the same, that of an alias, that of the language alone, or one of its regions.
        """
        name = normal(locale) if len(locale) <= _LONGEST else ""
        if not name:
            return ""
        name = self._aliases.get(name, name)
        parts = name.split("-")
        for end in range(len(parts), 0, -1):
            shorter = "-".join(parts[:end])
            if shorter in self._known:
                return shorter
        return next((each for each in self._known if each.startswith(f"{parts[0]}-")), "")

    def choose(self, ctx: Context, cookie: str) -> tuple[str, str]:
        """Returns the locale of a request, and where it comes from (core:I18N-2).

        Sources are "query", "user", "cookie", "header" and "default", in this order.
        """
        section = self.section
        asked = ctx.query.get(section.query_field, "") if section.query_field else ""
        if asked and (locale := self.find(asked)):
            return locale, "query"
        if section.locale_of is not None:
            if locale := self.find(section.locale_of(ctx) or ""):
                return locale, "user"
        if cookie and (locale := self.find(cookie)):
            return locale, "cookie"
        if locale := self._of_header(ctx.get("accept-language")[:LONGEST]):
            return locale, "header"
        return self.default, "default"

    def text(
        self, locale: str, key: str | None, values: Sequence[object], named: Mapping[str, object]
    ) -> str:
        """Returns the text of a key with its values, "" for an empty key (core:I18N-4)."""
        if not key:
            return ""
        text = self.catalogues.get(locale, self._empty).text(str(key))
        return fill(text, values, named) if values or named else text

    def plural(
        self,
        locale: str,
        forms: tuple[str, str],
        number: int,
        values: Sequence[object],
        named: Mapping[str, object],
    ) -> str:
        """Returns the text of a number: `forms` are the keys for 1 and for other numbers."""
        text = self.catalogues.get(locale, self._empty).plural(*forms, number)
        text = fill_count(text, number)
        return fill(text, values, named) if values or named else text

    def _in_header(self, field: str) -> str:
        return next((locale for each in languages(field) if (locale := self.find(each))), "")

    def _checked_aliases(self) -> dict[str, str]:
        aliases = {}
        for alias, locale in self.section.locale_alias.items():
            target = normal(locale)
            if target not in self._known:
                raise ConfigError(
                    f"i18n.locale_alias: {alias!r}: the locale {locale!r} has no catalogue",
                    hint=self._known_catalogues(),
                    keys=[("i18n", "locale_alias", alias)],
                )
            if not (name := normal(alias)):
                raise ConfigError(
                    f"i18n.locale_alias: {alias!r} cannot be the name of a locale",
                    hint="letters, digits, '-' and '_'",
                    keys=[("i18n", "locale_alias", alias)],
                )
            aliases[name] = target
        return aliases

    def _known_catalogues(self) -> str:
        names = ", ".join(sorted(self.catalogues))
        return f"known: {names}" if names else "there is no catalogue in i18n.dirs"
