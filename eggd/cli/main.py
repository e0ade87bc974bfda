"""`eggd`: finds the command, runs it, and says what went wrong in one line.

Exit codes: 0 done, 1 it failed (`error: what (what to do)`), 2 it was called wrongly; those of
`eggd status` are its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

import click

from eggd.cli.nearest import Group, NoCommandError, Rows, shown
from eggd.cli.table import ALIASES, COMMANDS, SECTIONS, Entry
from eggd.errors import EggError
from eggd.failure import DEBUG, trace
from eggd.spelling import did_you_mean
from eggd.version import __version__
from eggd.wire.terminal import visible, visible_line

if TYPE_CHECKING:
    from eggd.cli.found import Found

COMPLETING = "_EGGD_COMPLETE"
"""Variable that makes `eggd` answer a shell's completion instead of running a command."""

EXAMPLES = """\b
Examples:
  eggd scale 4             four workers on one listener
  eggd check && eggd reload
  eggd status --json
"""

_ENTRIES = {entry.name: entry for entry in COMMANDS}
_TAKEN = (*_ENTRIES, *ALIASES)


class _Commands(Group):
    """eggd's own commands, then those of the app that one stands in, of plugins and packages."""

    def rows(self) -> Rows:
        return [row for _, rows in (*_sections(), *self._others()) for row in rows]

    def known(self) -> list[str]:
        names = (each.words[0] for each in (*self._listed, *self._loaded))
        return [*_ENTRIES, *dict.fromkeys(names)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = ALIASES.get(cmd_name, cmd_name)
        if name in _ENTRIES:
            command: click.Command = import_module(_ENTRIES[name].module).command
            command.name = name
            return command
        return self._among(self._listed, ctx, name) or self._among(self._loaded, ctx, name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, rows in (*_sections(), *self._others()):
            with formatter.section(visible_line(title)):
                formatter.write_dl(shown(rows))

    def _others(self) -> Sequence[tuple[str, Rows]]:
        from eggd.cli.found import sections

        return sections(self._listed, _TAKEN)

    @staticmethod
    def _among(found: list[Found], ctx: click.Context, name: str) -> click.Command | None:
        from eggd.cli.branch import Branch
        from eggd.cli.found import tree_of

        return Branch("eggd", tree_of(found, _TAKEN)[0]).get_command(ctx, name)

    @cached_property
    def _listed(self) -> list[Found]:
        from eggd.cli.found import listed, standing_in

        return listed(standing_in())

    @cached_property
    def _loaded(self) -> list[Found]:
        """What resolving the plugins finds beyond that: runs their table in config/."""
        from eggd.cli.found import standing_in
        from eggd.cli.perform import loaded

        here = standing_in()
        return [] if here is None else loaded(here)


def _sections() -> Sequence[tuple[str, Rows]]:
    return [(title, [_row(_ENTRIES[name]) for name in names]) for title, names in SECTIONS.items()]


def _row(entry: Entry) -> tuple[str, str]:
    return f"{entry.name} {entry.arguments}".strip(), entry.summary


def _stand_in(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is None:
        return

    from eggd.cli.confinement import confined
    from eggd.host.venv import entered_venv

    # The child gets the same arguments again, in the app's folder.
    if entered_venv() or confined() is not None:
        return
    try:
        os.chdir(value)
    except OSError as exc:
        raise click.BadParameter(f"{value}: {exc.strerror}", ctx, param) from exc


@click.command(
    cls=_Commands,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--base",
    metavar="DIR",
    type=click.Path(),
    is_eager=True,
    expose_value=False,
    callback=_stand_in,
    help="Run as if started in DIR: the app, and where its commands are.",
)
@click.version_option(__version__, "-v", "--version", message="eggd %(version)s")
def eggd() -> None:
    """Runs Python web applications as a suite of systemd services."""


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and exit with its code."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        _settle()
        code = eggd.main(arguments, prog_name="eggd", standalone_mode=False)
    except EggError as exc:
        click.echo(visible(trace(exc, os.environ)), err=True, nl=False)
        return _error(exc.line, exc.exit_code)
    except click.UsageError as exc:
        return _error(_usage(exc), exc.exit_code)
    except click.ClickException as exc:  # of a command of the app's
        return _error(exc.format_message(), exc.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads on: no second error at exit
        return 1
    except OSError as exc:
        if os.environ.get(DEBUG):
            raise
        return _error(_of_system(exc), 1)
    except click.Abort:
        return _error("interrupted", 130)
    return code if isinstance(code, int) else 0


def _settle() -> None:
    if "EGGD_CONFINED" in os.environ:
        from eggd.cli.confinement import settle

        settle()


def _error(line: str, code: int) -> int:
    if COMPLETING not in os.environ:  # completion: an error would garble the shell's prompt
        click.echo(f"error: {visible_line(line)}", err=True)
    return code


def _of_system(exc: OSError) -> str:
    """Returns what the system refused; getcwd(3) is what finds nothing and names no file."""
    lost = "the current directory" if isinstance(exc, FileNotFoundError) else ""
    place = exc.filename or lost
    return f"{place}: {exc.strerror}" if place else str(exc)


def _usage(exc: click.UsageError) -> str:
    if isinstance(exc, NoCommandError):
        return exc.message
    path = exc.ctx.command_path if exc.ctx else "eggd"
    hint = f"{path} --help"
    if isinstance(exc, click.NoSuchOption):
        near = exc.possibilities or ()
        hint = did_you_mean(near[0]) if near else hint
        return f"no such option: {exc.option_name} ({hint})"
    text = " ".join(exc.format_message().split()).rstrip(".")
    return f"{text[:1].lower()}{text[1:]} ({hint})"
