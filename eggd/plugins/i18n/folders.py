"""The files of catalogues (core:I18N-1): the folders of all load units, later ones win per key.

config/locale/de.toml                          or .py, .json, .properties
config/locale/de/LC_MESSAGES/messages.mo       gettext, made by `eggd i18n compile`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Protocol

from eggd import Application, LoadError
from eggd.plugins.i18n.catalogue import Catalogue
from eggd.plugins.i18n.formats import (
    read_gettext,
    read_json,
    read_properties,
    read_python,
    read_toml,
)
from eggd.plugins.i18n.section import I18nConfig

LOCALE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")
"""A name of a locale; also the only shape of a client's value that is read any further."""
DOMAIN = "messages"
"""The name of the files of gettext, without their suffix."""
_READERS: dict[str, Callable[[Path], dict[str, str]]] = {
    ".json": read_json,
    ".toml": read_toml,
    ".properties": read_properties,
}
_LANGUAGE = 3
"""Letters of a language (RFC 5646 section 2.2.1)."""
_FOREIGN = {".yml", ".yaml", ".js", ".mjs", ".cjs", ".ts"}
_SOURCES = {".po", ".pot", ".pyc"}
"""Files beside the catalogues that translators and Python use."""


class Unit(Protocol):
    """A plugin, a framework or the app."""

    @property
    def root(self) -> Path:
        """Its folder."""
        ...

    def load(self, relative: str) -> ModuleType | None:
        """Returns the module of a file of it; raises LoadError."""
        ...


def normal(locale: str) -> str:
    """Returns a locale in lower case with hyphens, "" for text that is not one (core:I18N-2)."""
    return locale.lower().replace("_", "-") if LOCALE.fullmatch(locale) else ""


class Folders:
    """Reads the catalogues of an app; raises LoadError that names file and line."""

    def __init__(self, app: Application, section: I18nConfig) -> None:
        self._app = app
        self._section = section
        self.catalogues: dict[str, Catalogue] = {}
        """By the normal name of the locale."""
        self.warnings: list[str] = []
        """One line for each file that is not read, or whose texts have no effect."""
        # The file of each key, by folder and locale.
        self._texts: dict[tuple[Path, str], dict[str, Path]] = {}

    def read(self) -> None:
        """Reads all files."""
        for unit in self._app.units:
            for name in self._section.dirs:
                for path in _entries(unit.root / name):
                    self._read(path, unit)

    def _read(self, path: Path, unit: Unit) -> None:
        if path.is_dir():
            self._read_gettext(path)
        elif path.suffix in _FOREIGN:
            raise LoadError(
                f"{path}: {path.suffix} files are not read", hint=f"write {path.stem}.toml"
            )
        elif path.suffix == ".py":
            self._add(path, _read_module(path, unit))
        elif path.suffix in _READERS:
            self._add(path, _READERS[path.suffix](path))
        elif path.suffix not in _SOURCES:
            self.warnings.append(f"{path}: is not a catalogue (.toml, .json, .properties or .py)")

    def _read_gettext(self, folder: Path) -> None:
        source = folder / "LC_MESSAGES" / f"{DOMAIN}.po"
        compiled = source.with_suffix(".mo")
        if compiled.is_file():
            self._catalogue(folder, folder.name).add_translations(read_gettext(compiled))
        elif source.is_file():
            self.warnings.append(f"{source}: has no effect (run 'eggd i18n compile')")
        else:
            self.warnings.append(f"{folder}: has no LC_MESSAGES/{compiled.name}")

    def _add(self, path: Path, texts: Mapping[str, str]) -> None:
        """Adds the texts of a file; those of another file for the same locale lose them."""
        catalogue = self._catalogue(path, path.stem)
        before = self._texts.setdefault((path.parent, catalogue.name), {})
        if both := [key for key in texts if key in before]:
            text = f"{path}: {both[0]!r} is also in {before[both[0]].name}"
            self.warnings.append(f"{text}, where its text has no effect")
        before.update(dict.fromkeys(texts, path))
        catalogue.add(texts)

    def _catalogue(self, path: Path, name: str) -> Catalogue:
        locale = normal(name)
        if not locale:
            raise LoadError(f"{path}: {name!r} is not a locale", hint="such as de or zh-CN")
        if len(locale.partition("-")[0]) > _LANGUAGE:
            text = f"{path}: {name!r} is not a language that browsers ask for"
            self.warnings.append(f"{text} (2 or 3 letters, such as de)")
        return self.catalogues.setdefault(locale, Catalogue(locale))


def _entries(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.name[0] not in "._":
                yield path


def _read_module(path: Path, unit: Unit) -> dict[str, str]:
    module = unit.load(str(path.relative_to(unit.root)))
    return {} if module is None else read_python(path, module)
