"""The files of translators, by Babel: extract texts, update and compile catalogues of gettext.

No code of the app runs: Python files and templates are only parsed. Babel is imported by the
functions, as a worker needs nothing of this.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import NoReturn, Protocol

from eggd import EggError, write_whole
from eggd.plugins.i18n.folders import DOMAIN, normal

FOLDER = "config/locale"
"""The folder of the catalogues."""

_TEMPLATES = (".html", ".htm", ".j2", ".jinja", ".jinja2", ".txt", ".xml")
_SOURCES = ("app", "app.py", "config", "lib")
"""The parts of an app that are searched for texts."""
_STATIC = Path("app/public")
"""Files for browsers, which may look like templates of another language."""
_KEYWORDS = {"__": None, "_": None, "gettext": None, "ngettext": (1, 2)}
_COMMENTS = ["Translators:"]
_EXTENSIONS = "jinja2.ext.do,jinja2.ext.loopcontrols"
_FORM = {"width": 100, "include_previous": True}
_DATE = re.compile(rb'^"(?:POT-Creation|PO-Revision)-Date:.*$', re.MULTILINE)


class Message(Protocol):
    """A text with its translation, as Babel has it."""

    id: str | Sequence[str]
    string: str | Sequence[str]
    fuzzy: bool
    lineno: int | None


class Catalog(Protocol):
    """A file of translators, as Babel has it."""

    obsolete: Mapping[object, Message]

    def __iter__(self) -> Iterator[Message]: ...

    def update(self, template: Catalog) -> None:
        """Takes over the texts of another file."""

    def check(self) -> Iterator[tuple[Message, list[Exception]]]:
        """Yields the wrong translations."""
        ...


class MessagesError(EggError):
    """Raised for a file that cannot be read; names it with its line."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of texts in one file."""

    path: Path
    """The file that was written."""
    texts: int
    """All of them."""
    translated: int = 0
    """Texts with a translation."""
    fuzzy: int = 0
    """Texts whose translation is a guess, which is not used."""
    obsolete: int = 0
    """Texts that the app no longer has."""


def extract(base_dir: Path, notify: Callable[[str], None]) -> Counts:
    """Writes the texts of an app to `config/locale/messages.pot`; raises MessagesError.

    `notify` is called with the path of each file that is read.
    """
    babel = _babel()
    catalog = babel.catalog.Catalog(project=base_dir.name, domain=DOMAIN, charset="utf-8")
    for path in _files(base_dir):
        notify(str(path.relative_to(base_dir)))
        for line, text, comments, context in _texts(babel, path):
            place = (str(path.relative_to(base_dir)), line)
            catalog.add(text, None, [place], auto_comments=comments, context=context)
    target = base_dir / FOLDER / f"{DOMAIN}.pot"
    _write(target, partial(babel.pofile.write_po, catalog=catalog, **_FORM))
    return Counts(target, len(catalog))


def update(base_dir: Path, locales: Sequence[str], notify: Callable[[str], None]) -> list[Counts]:
    """Merges the extracted texts into the file of each locale, which is created if necessary.

    Without `locales` those that exist are updated. Raises MessagesError.
    """
    babel = _babel()
    template_file = base_dir / FOLDER / f"{DOMAIN}.pot"
    if not template_file.is_file():
        raise MessagesError(f"{template_file}: does not exist", hint="run 'eggd i18n extract'")
    results = []
    for locale in locales or _existing(base_dir):
        notify(locale)
        path = _path(base_dir, locale)
        name = _checked(locale)
        # Read without the locale: it has two forms of a plural, Chinese has one.
        template = _read(babel, template_file, None)
        catalog = (
            _read(babel, path, name)
            if path.is_file()
            else babel.catalog.Catalog(
                locale=name, project=base_dir.name, domain=DOMAIN, charset="utf-8", fuzzy=False
            )
        )
        catalog.update(template)
        _write(path, partial(babel.pofile.write_po, catalog=catalog, **_FORM))
        results.append(_counts(path, catalog))
    return results


def compile_all(
    base_dir: Path, locales: Sequence[str], notify: Callable[[str], None]
) -> list[Counts]:
    """Compiles the file of each locale, without `locales` of all; raises MessagesError.

    Texts without translation, and guessed ones, are left out.
    """
    babel = _babel()
    results = []
    for locale in locales or _existing(base_dir):
        notify(locale)
        path = _path(base_dir, locale)
        if not path.is_file():
            raise MessagesError(f"{path}: does not exist", hint=f"run 'eggd i18n update {locale}'")
        catalog = _read(babel, path, _checked(locale))
        for message, errors in catalog.check():
            raise MessagesError(f"{path}:{message.lineno}: {errors[0]}")
        target = path.with_suffix(".mo")
        _write(target, partial(babel.mofile.write_mo, catalog=catalog))
        results.append(_counts(target, catalog))
    return results


def _counts(path: Path, catalog: Catalog) -> Counts:
    messages = [message for message in catalog if message.id]
    done = [message for message in messages if _is_translated(message.string)]
    fuzzy = sum(message.fuzzy for message in done)
    return Counts(path, len(messages), len(done) - fuzzy, fuzzy, len(catalog.obsolete))


def _is_translated(text: str | Sequence[str]) -> bool:
    return bool(text) and all(text)


def _files(base_dir: Path) -> Iterator[Path]:
    for name in _SOURCES:
        top = base_dir / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            is_source = path.suffix == ".py" or path.suffix in _TEMPLATES
            if is_source and path.is_file() and not path.is_relative_to(base_dir / _STATIC):
                yield path


def _texts(babel: ModuleType, path: Path) -> Iterator[tuple[int, object, list[str], object]]:
    is_python = path.suffix == ".py"
    method = "python" if is_python else "jinja2.ext:babel_extract"
    options = {} if is_python else {"silent": "false", "extensions": _EXTENSIONS}
    try:
        yield from babel.extract.extract_from_file(
            method, str(path), _KEYWORDS, _COMMENTS, {"encoding": "utf-8", **options}
        )
    except Exception as exc:
        _refuse(path, exc)


def _read(babel: ModuleType, path: Path, locale: str | None) -> Catalog:
    try:
        with path.open("rb") as file:
            catalog: Catalog = babel.pofile.read_po(
                file, locale=locale, domain=DOMAIN, abort_invalid=True
            )
            return catalog
    except Exception as exc:
        _refuse(path, exc)


def _refuse(path: Path, exc: Exception) -> NoReturn:
    """Raises MessagesError with the line that an exception of a parser names."""
    line = getattr(exc, "lineno", None)
    if line is None and len(exc.args) == 2 and isinstance(exc.args[1], tuple):
        line = exc.args[1][0]  # tokenize.TokenError
    if isinstance(exc, UnicodeDecodeError):
        line = path.read_bytes()[: exc.start].count(b"\n") + 1
    place = f"{path}:{line}" if line else str(path)
    if isinstance(exc, OSError):
        raise MessagesError(f"{place}: {exc.strerror or exc}") from None
    text = getattr(exc, "message", None) or getattr(exc, "msg", None) or exc.args[0]
    raise MessagesError(f"{place}: {type(exc).__name__}: {text}") from None


def _path(base_dir: Path, locale: str) -> Path:
    """Returns the file of a locale: in the folder that exists, such as zh-CN, else in zh_CN."""
    folders = sorted((base_dir / FOLDER).glob("*/LC_MESSAGES"))
    same = (each for each in folders if normal(each.parent.name) == normal(locale))
    name = _checked(locale)
    return next(same, base_dir / FOLDER / name / "LC_MESSAGES") / f"{DOMAIN}.po"


def _checked(locale: str) -> str:
    """Returns a locale as Babel writes it; raises MessagesError for one that has no rules."""
    from babel import Locale, UnknownLocaleError

    name = locale.replace("-", "_")
    try:
        if normal(locale):
            Locale.parse(name)
            return name
    except (UnknownLocaleError, ValueError):
        pass
    raise MessagesError(f"{locale!r} is not a locale", hint="such as de or pt_BR")


def _existing(base_dir: Path) -> list[str]:
    folders = sorted((base_dir / FOLDER).glob("*/LC_MESSAGES"))
    names = [folder.parent.name for folder in folders]
    if not names:
        raise MessagesError(f"{base_dir / FOLDER}: has no locale", hint="run 'eggd i18n update de'")
    return names


def _write(path: Path, write: Callable[[BytesIO], object]) -> None:
    """Writes a file at once, unless only the dates in its head differ."""
    buffer = BytesIO()
    write(buffer)
    content = buffer.getvalue()
    if path.is_file() and _DATE.sub(b"", path.read_bytes()) == _DATE.sub(b"", content):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content, 0o644)
    except OSError as exc:
        raise MessagesError(f"{path}: {exc.strerror}") from None


def _babel() -> ModuleType:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Babel 2.10 imports cgi
            for name in ("catalog", "extract", "mofile", "pofile"):
                import_module(f"babel.messages.{name}")
        return import_module("babel.messages")
    except ImportError:
        raise MessagesError(
            "eggd i18n needs Babel, which is not installed", hint="apt install python3-babel"
        ) from None
