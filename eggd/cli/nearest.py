"""A group of commands that names the nearest one where there is none of a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from eggd.spelling import suggestion_or_list
from eggd.wire.terminal import visible_line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Rows = Sequence[tuple[str, str]]
"""Names with one line about each."""


class NoCommandError(click.UsageError):
    """Raised for a name that is no command; names the nearest, or all there are."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        hint = suggestion_or_list(name, known, "commands")
        super().__init__(f"no such command: {name} ({hint})")


class Group(click.Group):
    """A group that is listed and completed by `rows`, without importing any command for it.

    Called without a command it shows its help, on standard output and as a success (core:BIN-1).
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "invoke_without_command": True, "callback": _help})

    def rows(self) -> Rows:
        """Returns the commands."""
        raise NotImplementedError

    def known(self) -> list[str]:
        """Returns the names among which the nearest one is looked for."""
        return self.list_commands(click.Context(self))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the commands."""
        return list(dict.fromkeys(name.split()[0] for name, _ in self.rows()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the command and its arguments; raises NoCommandError where there is none."""
        found = self.get_command(ctx, args[0])
        if found is not None:
            return found.name or args[0], found, args[1:]
        if not (args[0].startswith("-") or ctx.resilient_parsing):
            raise NoCommandError(args[0], self.known())
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Returns the commands that begin so, and the group's own options."""
        from click.shell_completion import CompletionItem

        rows = {name.split()[0]: visible_line(text) for name, text in reversed(self.rows())}
        # A shell reads one line per name: a name with a line break would be two.
        fit = (name for name in rows if name.isprintable() and name.startswith(incomplete))
        named = [CompletionItem(name, help=rows[name]) for name in fit]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(shown(self.rows()))


def shown(rows: Rows) -> list[tuple[str, str]]:
    """Returns the rows escaped for a terminal: names and texts come from an app's files."""
    return [(visible_line(name), visible_line(text)) for name, text in rows]


def _help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
