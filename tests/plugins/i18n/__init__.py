"""Texts in the language of the visitor: catalogues, the choice of a locale, hostile values."""
