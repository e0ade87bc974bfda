"""`Catalogue`: the texts of one locale."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import GNUTranslations


class Catalogue:
    """Texts by key, of dicts and of gettext; a dict wins."""

    def __init__(self, name: str) -> None:
        self.name = name
        """The locale, in lower case with a hyphen: `zh-cn`."""
        self._texts: dict[str, str] = {}
        # The gettext files; a later one wins.
        self._translations: list[GNUTranslations] = []

    def __len__(self) -> int:
        return len(self._texts) + len(self._translations)

    def add(self, texts: Mapping[str, str]) -> None:
        """Adds texts; they replace those of the same key."""
        self._texts.update(texts)

    def add_translations(self, translations: GNUTranslations) -> None:
        """Adds a gettext file, which wins over those before."""
        self._translations.insert(0, translations)

    def text(self, key: str) -> str:
        """Returns the text of a key, the key itself without one (core:I18N-4)."""
        text = self._texts.get(key)
        if text is not None or not key:
            return text or key  # the key "" of a gettext file is its head
        for translations in self._translations:
            text = translations.gettext(key)
            if text != key:
                return text
        return key

    def plural(self, singular: str, plural: str, number: int) -> str:
        """Returns the text for a number, by the plural rule of the gettext file.

        Without an entry of gettext it is the text of `singular` for 1, else that of `plural`.
        """
        for translations in self._translations:
            text = translations.ngettext(singular, plural, number)
            if text not in (singular, plural):
                return text
        return self.text(singular if number == 1 else plural)
