"""`app.i18n` and `app.__`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd
from eggd import EggError

if TYPE_CHECKING:
    from eggd.plugins.i18n.languages import Languages


class Application(eggd.Application):
    """An application with texts in several languages."""

    _i18n: Languages | None = None

    @property
    def i18n(self) -> Languages:
        """The catalogues; EggError before the boot hook of the plugin has read them."""
        if self._i18n is None:
            raise EggError("app.i18n is used before config_did_load of the plugin i18n")
        return self._i18n

    @i18n.setter
    def i18n(self, languages: Languages) -> None:
        self._i18n = languages

    def gettext(self, locale: str, key: str | None, *values: object, **named: object) -> str:
        """Returns the text of a key in a locale, in the default one if it is unknown (I18N-5)."""
        languages = self.i18n
        return languages.text(languages.find(locale) or languages.default, key, values, named)

    __ = gettext
