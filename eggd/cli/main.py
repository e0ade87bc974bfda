"""`eggd`: finds the command, runs it, and says what went wrong in one line.

Exit codes: 0 done, 1 it failed (`error: what (what to do)`), 2 it was called wrongly; those of
`eggd status` are its own.
"""

from __future__ import annotations

import difflib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from eggd.cli.table import ALIASES, COMMANDS
from eggd.errors import EggError
from eggd.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

EXAMPLES = """\b
Examples:
  eggd scale 4             four workers on one listener
  eggd check && eggd reload
  eggd status --json
"""

_ENTRIES = {entry.name: entry for entry in COMMANDS}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_ENTRIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ENTRIES:
            return None
        command: click.Command = import_module(_ENTRIES[cmd_name].module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = ALIASES.get(args[0], args[0])
        if name not in _ENTRIES and not name.startswith("-"):
            raise _NoCommandError(name)
        return super().resolve_command(ctx, [name, *args[1:]])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # Not Group's: it would import every command for its summary.
        from click.shell_completion import CompletionItem

        options = click.Command.shell_complete(self, ctx, incomplete)
        named = [each for each in COMMANDS if each.name.startswith(incomplete)]
        return [*(CompletionItem(each.name, help=each.summary) for each in named), *options]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(f"{each.name} {each.arguments}".strip(), each.summary) for each in COMMANDS]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class _NoCommandError(click.UsageError):
    def __init__(self, name: str) -> None:
        near = difflib.get_close_matches(name, _ENTRIES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"commands: {', '.join(_ENTRIES)}"
        super().__init__(f"no such command: {name} ({hint})")


def _stand_in(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is None:
        return

    from eggd.process.venv import entered_venv

    if entered_venv():  # the same arguments come a second time, and we are there
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
@click.version_option(__version__, message="eggd %(version)s")
def eggd() -> None:
    """Run Python web applications as a suite of systemd services."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        code = eggd.main(arguments, prog_name="eggd", standalone_mode=False)
    except EggError as exc:
        return _error(exc.line, exc.exit_code)
    except click.UsageError as exc:
        return _error(_usage(exc), exc.exit_code)
    except click.Abort:
        return _error("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads on: no second error at exit
        return 1
    return code if isinstance(code, int) else 0


def _error(line: str, code: int) -> int:
    click.echo(f"error: {line}", err=True)
    return code


def _usage(exc: click.UsageError) -> str:
    if isinstance(exc, _NoCommandError):
        return exc.message
    path = exc.ctx.command_path if exc.ctx else "eggd"
    hint = f"{path} --help"
    if isinstance(exc, click.NoSuchOption):
        near = exc.possibilities or ()
        hint = f"did you mean {near[0]}?" if near else hint
        return f"no such option: {exc.option_name} ({hint})"
    text = " ".join(exc.format_message().split()).rstrip(".")
    return f"{text[:1].lower()}{text[1:]} ({hint})"
