"""`eggd logs`: the log files of a suite as one stream."""

from __future__ import annotations

import re
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from eggd.cli import parameters
from eggd.cli.group import LoadedGroup
from eggd.cli.output import print_json, print_line, print_table
from eggd.wire.terminal import visible, visible_json

if TYPE_CHECKING:
    from eggd.cli.logview.choice import Choice
    from eggd.cli.logview.entry import Entry
    from eggd.cli.logview.reading import Offsets

LINES = 200
"""Entries that are shown without another choice."""
PAUSE = 0.2
"""Seconds between two checks of the files with --follow."""
HEADINGS = ("log", "size", "renamed", "size of these", "oldest")
_PER_ENTRY = 1024
"""Bytes of a file that are read for each entry asked for, at least."""
_LEAST = 1 << 20
_COLOURS = {"ERROR": "red", "WARN": "yellow", "DEBUG": "bright_black"}
_LEVEL_NAMES = ("debug", "info", "warn", "error")

EXAMPLES = """\b
Examples:
  eggd logs -f
  eggd logs --level warn --since 2h
  eggd logs --trace 4bf92f3577b34da6a3ce929d0e0e4736
  eggd logs --grep 'order \\d+ paid' --since 2026-11-01 --until 2026-11-08
  eggd logs --json -n 1000
  eggd logs /srv/shop
  eggd logs du
  eggd logs rotate
  eggd logs reopen /srv/shop
"""


class LogsGroup(LoadedGroup):
    """A group that shows the logs without a command, and then accepts a directory."""

    def __init__(self, name: str | None = None, **attributes: object) -> None:
        super().__init__(name, **attributes)
        self.callback = attributes["callback"]  # type: ignore[assignment]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Takes the directory out of the arguments, as `obj` of the context.

        Options may follow it. A word that is neither a command nor a directory stays.
        """
        _, words, _ = self.make_parser(ctx).parse_args(list(args))
        if words and words[0] not in self.commands and _is_place(words[0]):
            parameters.refuse_application("DIR")
            ctx.obj = Path(words[0])
            args = [*args[: len(args) - len(words)], *words[1:]]
        return super().parse_args(ctx, args)


def _is_place(word: str) -> bool:
    """Whether a word is a directory, or can only be the path of one."""
    return not word.startswith("-") and ("/" in word or Path(word).is_dir())


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The way in which entries are printed."""

    show: Callable[[Entry], None]
    """Prints one."""
    follow: bool
    """Whether new ones are waited for."""
    with_journal: bool
    """Whether the journal is read, too."""


@click.group(cls=LogsGroup, epilog=EXAMPLES, subcommand_metavar="[DIR | COMMAND [ARGS]...]")
@click.option("-f", "--follow", is_flag=True, help="Wait for new entries.")
@click.option("-n", "--lines", type=parameters.Count(), metavar="N",
              help=f"The last N entries (default {LINES}; all of a search).")  # fmt: skip
@click.option("--level", type=click.Choice(_LEVEL_NAMES, case_sensitive=False),
              help="Entries of this level or above.")  # fmt: skip
@click.option("--trace", metavar="ID", help="Entries of one request.")
@click.option("--since", metavar="TIME", help="10m, 2h, 13:30, yesterday, 2026-11-29T13:30.")
@click.option("--until", metavar="TIME", help="Likewise.")
@click.option("--grep", metavar="REGEX", help="Entries with this in the text.")
@click.option("--no-journal", is_flag=True, help="Leave out the messages of systemd.")
@parameters.as_json
@click.pass_context
def command(
    context: click.Context,
    follow: bool,
    lines: int | None,
    level: str | None,
    trace: str | None,
    since: str | None,
    until: str | None,
    grep: str | None,
    no_journal: bool,
    as_json: bool,
) -> None:
    """Shows all logs of the suite as one stream in the order of time.

    These are the files of the agent and the workers, renamed and compressed ones, and what only the
    journal has. They are those of the app in DIR; without DIR those of the app in the current
    directory if it has run there, and elsewhere those of the units.
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    choice = _choice(level, trace, since, until, grep)
    from eggd.cli.logview.folder import log_folder
    from eggd.cli.logview.place import logs_place

    directory = logs_place(context.obj)
    view = View(
        show=_print_json if as_json else _print,
        follow=follow,
        with_journal=directory is None and not no_journal,
    )
    try:
        _show(log_folder(directory), choice, lines, view)
    except KeyboardInterrupt:
        context.exit(130)


def _refuse_options(context: click.Context) -> None:
    """Raises UsageError for options in front of a command, which has its own."""
    if context.obj is not None:
        command = context.invoked_subcommand
        raise click.UsageError(f"give DIR after the command: 'eggd logs {command} {context.obj}'")
    for name in context.params:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = "--json" if name == "as_json" else f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} has no effect before {context.invoked_subcommand}")


@command.command("du")
@parameters.directory
@parameters.as_json
def du_command(directory: Path | None, as_json: bool) -> None:
    """Shows the space that each log takes on the disk."""
    from eggd.cli.logview.folder import log_folder
    from eggd.cli.logview.place import logs_place

    rows = list(_sizes(log_folder(logs_place(directory))))
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print_table([HEADINGS, *(row.cells() for row in rows)])


@command.command("rotate")
@parameters.directory
@parameters.as_json
def rotate_command(directory: Path | None, as_json: bool) -> None:
    """Rotates all log files that have lines, now.

    A file F becomes F.DATE-TIME, or F.1 if it is rotated by size; every process opens a new F.
    """
    _ask_agent(directory, "logs-rotate", "rotating the log files", as_json=as_json)


@command.command("reopen")
@parameters.directory
@parameters.as_json
def reopen_command(directory: Path | None, as_json: bool) -> None:
    """Has every process open its log files again, after logrotate(8) has renamed them."""
    _ask_agent(directory, "logs-reopen", "reopening the log files", as_json=as_json)


def _ask_agent(directory: Path | None, action: str, doing: str, *, as_json: bool) -> None:
    """Prints the agent's answer; raises ControlError if a process has not reopened its files."""
    from eggd.cli.logview.place import logs_place
    from eggd.cli.logview.reopening import reopen

    answer = reopen(logs_place(directory), action, doing)
    if as_json:
        print_json(asdict(answer))
    else:
        for path in answer.renamed:
            print_line(path)
        processes = "process" if answer.reopened == 1 else "processes"
        print_line(f"reopened the log files of {answer.reopened} {processes}")
    if answer.problem is not None:
        raise answer.problem


def _choice(
    level: str | None, trace: str | None, since: str | None, until: str | None, grep: str | None
) -> Choice:
    from eggd.cli.logview.choice import Choice, moment
    from eggd.cli.logview.entry import LEVELS

    now = time.time()
    if trace is not None and not trace:
        raise click.UsageError("--trace: must be the id of a request, not ''")
    try:
        pattern = None if grep is None else re.compile(grep)
    except re.error as exc:
        raise click.UsageError(f"--grep: {exc}") from None
    return Choice(
        level=0 if level is None else LEVELS[level.upper()],
        trace=trace or "",
        since=0.0 if since is None else moment(since, now),
        until=float("inf") if until is None else moment(until, now),
        pattern=pattern,
    )


def _show(folder: Path, choice: Choice, lines: int | None, view: View) -> None:
    """Prints the existing entries, then, with --follow, new ones."""
    from eggd.cli.logview.following import Follower

    follower = Follower(folder, with_journal=view.with_journal) if view.follow else None
    offsets = follower.offsets if follower is not None else None
    chosen = filter(choice, _entries(folder, choice, lines, view, offsets))
    most = lines if lines is not None or choice.is_search else LINES
    for entry in chosen if most is None else deque(chosen, most):
        view.show(entry)
    if follower is None:
        return
    with follower:
        while True:
            for entry in filter(choice, follower.news()):
                view.show(entry)
            sys.stdout.flush()
            time.sleep(PAUSE)


def _entries(
    folder: Path, choice: Choice, lines: int | None, view: View, offsets: Offsets | None
) -> Iterator[Entry]:
    from eggd.cli.logview import journal, reading
    from eggd.cli.logview.folder import log_files
    from eggd.cli.logview.merging import merged

    tail = 0 if choice.is_search else max(_LEAST, _PER_ENTRY * (lines or LINES))
    streams: list[Iterable[Entry]] = [
        reading.entries(log, choice.since, tail, offsets) for log in log_files(folder)
    ]
    if view.with_journal:
        streams.append(journal.entries(choice.since, 0 if choice.is_search else lines or LINES))
    return merged(streams)


def _print_json(entry: Entry) -> None:
    click.echo(visible_json(entry.record(), indent=None))


def _print(entry: Entry) -> None:
    """Prints an entry as its file has it, in colours on a terminal."""
    from eggd.cli.logview.entry import local_text

    level = click.style(entry.level or "-", fg=_COLOURS.get(entry.level))
    text = visible(entry.text)
    click.echo(f"{local_text(entry.at)} {level} {entry.pid or '-'} {text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The space that one log takes."""

    log: str
    """Its name."""
    bytes: int
    """Of the file that is written."""
    renamed: int
    """The number of renamed files."""
    renamed_bytes: int
    """Their size."""
    oldest: str
    """The name of the oldest of them, "" without one."""

    def cells(self) -> list[str]:
        """Returns the row of the table."""
        size, renamed = _size(self.bytes), _size(self.renamed_bytes)
        return [self.log, size, str(self.renamed), renamed, self.oldest]


def _sizes(folder: Path) -> Iterator[Size]:
    from eggd.cli.logview.folder import log_files

    for log in log_files(folder):
        yield Size(
            log=log.name,
            bytes=log.current.size(),
            renamed=len(log.renamed),
            renamed_bytes=sum(file.size() for file in log.renamed),
            oldest=log.renamed[0].path.name if log.renamed else "",
        )


def _size(count: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
