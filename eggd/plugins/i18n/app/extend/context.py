"""`ctx.__`, `ctx.gettext`, `ctx.ngettext` and `ctx.locale`."""

from __future__ import annotations

import eggd


class Context(eggd.Context):
    """A request whose texts are in the language of its visitor."""

    _locale: str = ""
    _locale_origin: str = ""

    @property
    def locale(self) -> str:
        """The locale, such as `zh-cn`, chosen at the first use (core:I18N-2, I18N-3).

        Set it for the rest of the request, and for the next ones by the cookie; a name that fits no
        catalogue is the default locale.
        """
        if not self._locale:
            self._choose_locale()
        return self._locale

    @locale.setter
    def locale(self, name: str) -> None:
        languages = self.app.i18n
        self._locale, self._locale_origin = languages.find(name) or languages.default, "set"
        self._keep_locale(self._locale_cookie())

    @property
    def locale_origin(self) -> str:
        """The source of the locale: "query", "user", "cookie", "header", "default" or "set"."""
        if not self._locale:
            self._choose_locale()
        return self._locale_origin

    def gettext(self, key: str | None, *values: object, **named: object) -> str:
        """Returns the text of a key in the visitor's language, the key itself without one.

        Values fill its places; the result is plain text, which a template escapes (core:I18N-4).
        """
        return self.app.i18n.text(self.locale, key, values, named)

    __ = gettext

    def ngettext(
        self, singular: str, plural: str, number: int, *values: object, **named: object
    ) -> str:
        """Returns the text for a number, which fills `{n}` and `%d`, by the rule of the language.

        `singular` and `plural` are the keys.
        """
        return self.app.i18n.plural(self.locale, (singular, plural), number, values, named)

    def _choose_locale(self) -> None:
        cookie = self._locale_cookie()
        self._locale, self._locale_origin = self.app.i18n.choose(self, cookie)
        self._vary_by_locale()
        self._keep_locale(cookie)

    def _vary_by_locale(self) -> None:
        """Tells caches the fields that the language depends on."""
        if self._locale_origin != "query":
            fields = ["Cookie"] if self.app.i18n.section.cookie_field else []
            if self._locale_origin in ("header", "default"):
                fields.append("Accept-Language")
            if fields:
                self.response.vary(", ".join(fields))

    def _locale_cookie(self) -> str:
        name = self.app.i18n.section.cookie_field
        return (self.cookies.get(name, signed=False) or "") if name else ""

    def _keep_locale(self, cookie: str) -> None:
        """Sets the cookie if it differs, unless the head is sent (core:I18N-3)."""
        section = self.app.i18n.section
        by_query = self._locale_origin in ("query", "set")
        is_kept = section.write_cookie is True or (section.write_cookie == "query" and by_query)
        if not (is_kept and section.cookie_field) or cookie == self._locale:
            return
        if not self.response.header_sent:
            self.cookies.set(
                section.cookie_field,
                self._locale,
                signed=False,
                http_only=False,
                max_age=section.cookie_max_age,
                domain=section.cookie_domain,
                overwrite=True,
            )
