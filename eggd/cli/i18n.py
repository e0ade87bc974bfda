"""`eggd i18n`: the catalogues of translators: extracts texts, updates and compiles them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from eggd.cli.discovery import current_app
from eggd.cli.group import LoadedGroup
from eggd.cli.output import print_line
from eggd.cli.progress import waiting

if TYPE_CHECKING:
    from eggd.plugins.i18n.messages import Counts

T = TypeVar("T")

EXAMPLES = """\b
Examples:
  eggd i18n extract               the texts of the app, to config/locale/messages.pot
  eggd i18n update de pt_BR       a file for the translators of each locale
  eggd i18n update                after the texts of the app have changed
  eggd i18n compile && eggd reload
"""
locales_argument = click.argument("locales", metavar="[LOCALE]...", nargs=-1)


@click.group(cls=LoadedGroup, epilog=EXAMPLES)
def command() -> None:
    """Extracts, updates and compiles the texts of the app in the current directory.

    Texts are the first argument of __(), _(), gettext() and ngettext() in Python files and
    templates, and {% trans %}. No code of the app runs. It needs Babel (python3-babel).
    """


@command.command("extract")
def extract_command() -> None:
    """Writes all texts of the app to config/locale/messages.pot."""
    from eggd.plugins.i18n.messages import extract

    base_dir = current_app()
    counts = _noticed("reading", lambda notify: extract(base_dir, notify))
    print_line(f"{counts.path.relative_to(base_dir)}: {_texts(counts.texts)}")


@command.command("update")
@locales_argument
def update_command(locales: tuple[str, ...]) -> None:
    """Merges the texts into the file of each locale, which is created if necessary.

    Without LOCALE all that exist are updated. A changed text gets the old translation as a guess,
    marked fuzzy, which is not used until the mark is removed.
    """
    from eggd.plugins.i18n.messages import update

    base_dir = current_app()
    for counts in _noticed("updating", lambda notify: update(base_dir, locales, notify)):
        print_line(_line(counts, base_dir))


@command.command("compile")
@locales_argument
def compile_command(locales: tuple[str, ...]) -> None:
    """Makes the files that the app reads, without LOCALE of all locales.

    A reload makes them live. Wrong places such as %s in a translation are errors.
    """
    from eggd.plugins.i18n.messages import compile_all

    base_dir = current_app()
    for counts in _noticed("compiling", lambda notify: compile_all(base_dir, locales, notify)):
        print_line(_line(counts, base_dir))


def _noticed(verb: str, work: Callable[[Callable[[str], None]], T]) -> T:
    """Returns the result of `work`; shows what it works on if it takes more than a second."""
    current = [""]

    def notify(name: str) -> None:
        current[0] = name

    return waiting(lambda: work(notify), lambda: f"{verb} {current[0]}")


def _line(counts: Counts, base_dir: Path) -> str:
    parts = [f"{counts.translated} of {_texts(counts.texts)} translated"]
    parts += [f"{counts.fuzzy} fuzzy"] if counts.fuzzy else []
    parts += [f"{counts.obsolete} obsolete"] if counts.obsolete else []
    return f"{counts.path.relative_to(base_dir)}: {', '.join(parts)}"


def _texts(number: int) -> str:
    return f"{number} text{'' if number == 1 else 's'}"
