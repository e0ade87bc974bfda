"""Built-in plugin i18n: texts in the language of the visitor.

app.py          reads the catalogues before the first request
app/extend      `ctx.__`, `ctx.gettext`, `ctx.ngettext`, `ctx.locale`, and `app.__`
section.py      the section `i18n` of the config
languages.py    `app.i18n`: the catalogues by locale, and the locale of a request
catalogue.py    the texts of one locale
folders.py      the files of catalogues: their names, and the order in which they are read
formats.py      reads a file with line numbers in errors
messages.py         the files of translators, for `eggd i18n`
header.py       the languages of Accept-Language
arguments.py    fills the places of a text
"""
