"""Prints the manual page eggd(1), in mdoc(7): docs/man/eggd.1.in with the commands filled in.

Options, texts and examples are those of the click definitions behind `eggd COMMAND --help`, so that
page and help cannot differ. SOURCE_DATE_EPOCH dates the page.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from eggd.cli.commands import COMMANDS  # noqa: E402
from eggd.cli.main import eggd  # noqa: E402

FRAME = TOP / "docs/man/eggd.1.in"
_FLAG = re.compile(r"--?([A-Za-z][\w-]*)")
_CODE = re.compile(r"`([^`]*)`")


def page() -> str:
    """Returns the whole page."""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    day = time.gmtime(seconds)
    parts = {
        "DATE": f"{time.strftime('%B', day)} {day.tm_mday}, {day.tm_year}",
        "OPTIONS": "\n".join(_options(eggd, click.Context(eggd, info_name="eggd"))),
        "COMMANDS": "\n".join(line for entry in COMMANDS for line in _command(entry.name)),
    }
    return re.sub(r"@([A-Z]+)@", lambda found: parts[found[1]], FRAME.read_text(encoding="utf-8"))


def _command(name: str) -> Iterator[str]:
    yield from _section(name, import_module(f"eggd.cli.{name}").command)


def _section(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    yield f".Ss eggd {name} {' '.join(map(_text, command.collect_usage_pieces(context)))}".rstrip()
    yield from _prose(command.help or "")
    yield from _options(command, context)
    yield from _prose(command.epilog or "")
    if isinstance(command, click.Group):
        for word, each in command.commands.items():
            yield from _section(f"{name} {word}", each)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    options = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    records = [option.get_help_record(context) for option in options]
    # Every command has --help; the page says so once.
    told = [each for each in records if each and "--help" not in each[0]]
    if not told:
        return
    yield ".Bl -tag -width Ds"
    for flags, text in told:
        yield f".It {_flags(flags)}"
        yield _text(text)
    yield ".El"


def _flags(record: str) -> str:
    """Returns `-k, --grep EXPR` as `Fl k , Fl -grep Ar EXPR`."""
    names = [
        f"Fl {'-' * (match[0].count('-', 0, 2) - 1)}{match[1]}"
        for match in _FLAG.finditer(record.partition(" [")[0])
    ]
    value = _FLAG.sub("", record).replace(",", " ").split()
    return " , ".join(names) + (f" Ar {' '.join(value)}" if value else "")


def _prose(text: str) -> Iterator[str]:
    """Yields the paragraphs of a help text; click's `\\b` keeps the lines of one."""
    for paragraph in re.split(r"\n\s*\n|\n(?=\x08)", inspect.cleandoc(text)):
        lines = paragraph.strip("\n").splitlines()
        if lines[:1] == ["\b"]:
            title, *rest = lines[1:]
            yield from (".Pp", _text(title), *_literal(rest))
        else:
            yield from (".Pp", *(_text(line) for line in lines))


def _literal(lines: list[str]) -> Iterator[str]:
    if lines:
        yield from (".Bd -literal -offset indent", *(_text(line[2:]) for line in lines), ".Ed")


def _text(line: str) -> str:
    quoted = _CODE.sub(r"\\(oq\1\\(cq", line.replace("\\", "\\e"))
    quoted = quoted.replace("-", "\\-")
    return f"\\&{quoted}" if quoted.startswith((".", "'")) else quoted


if __name__ == "__main__":
    sys.stdout.write(page())
