"""A click group that is listed without importing its commands and suggests the nearest name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from eggd.spelling import suggestion_or_list
from eggd.wire.terminal import visible_line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Rows = Sequence[tuple[str, str]]
"""Names, each with one line about it."""


def is_selected(ctx: click.Context) -> bool:
    """Returns whether the command line selects an application, by --app."""
    return ctx.find_root().get_parameter_source("app") is ParameterSource.COMMANDLINE


class UnknownCommandError(click.UsageError):
    """Raised for an unknown command of a group; suggests the nearest name, or lists all names."""

    def __init__(self, group: str, name: str, known: Iterable[str]) -> None:
        hint = suggestion_or_list(name, known, "commands")
        super().__init__(f"{group}: {name}: unknown command ({hint})")


class CommandGroup(click.Group):
    """A group whose help and completion come from `rows` and import no command.

    Called without a command it prints its help on standard output and succeeds (core:BIN-1).
    """

    def __init__(self, name: str | None = None, **attributes: Any) -> None:
        super().__init__(name, **{**attributes, "invoke_without_command": True, "callback": _help})

    def rows(self) -> Rows:
        """Returns the commands."""
        raise NotImplementedError

    def known(self) -> list[str]:
        """Returns the names to suggest for an unknown one."""
        return self.list_commands(click.Context(self))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the commands."""
        return list(dict.fromkeys(name.split()[0] for name, _ in self.rows()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the command and its arguments; raises UnknownCommandError for an unknown one."""
        command = self.get_command(ctx, args[0])
        if command is not None:
            return command.name or args[0], command, args[1:]
        if not (args[0].startswith("-") or ctx.resilient_parsing):
            raise UnknownCommandError(ctx.command_path, args[0], self.known())
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Returns the commands that start with `incomplete`, and the group's own options."""
        from click.shell_completion import CompletionItem

        rows = {name.split()[0]: visible_line(text) for name, text in reversed(self.rows())}
        # A shell reads one line per name: a name with a line break would be two.
        fit = (name for name in rows if name.isprintable() and name.startswith(incomplete))
        named = [CompletionItem(name, help=rows[name]) for name in fit]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands."""
        self.write_rows(formatter, "Commands", self.rows())

    @staticmethod
    def write_rows(formatter: click.HelpFormatter, title: str, rows: Rows) -> None:
        """Writes a section; title and rows come from an app's files and are escaped."""
        with formatter.section(visible_line(title)):
            formatter.write_dl([(visible_line(name), visible_line(text)) for name, text in rows])


class LoadedGroup(CommandGroup):
    """A group whose commands are in its own module.

    The help of each command ends with those examples of the group that run it.
    """

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Adds a command, and to its help the examples of it."""
        super().add_command(cmd, name)
        called = re.compile(rf"\beggd \S+ {re.escape(name or cmd.name or '')}\b")
        lines = [line for line in (self.epilog or "").split("\n") if called.search(line)]
        if lines:
            examples = "\n".join(("\b", f"Example{'s' * (len(lines) > 1)}:", *lines))
            cmd.epilog = f"{cmd.epilog}\n{examples}" if cmd.epilog else examples

    def rows(self) -> Rows:
        """Returns the commands with the first sentence of their help."""
        return [(name, each.get_short_help_str(80)) for name, each in self.commands.items()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command of a name."""
        return self.commands.get(cmd_name)


def _help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
