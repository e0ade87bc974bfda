"""The groups of click for the folders of discovered commands."""

from __future__ import annotations

import click

from eggd.cli.command_loader import load
from eggd.cli.discovery import DiscoveredCommand, Tree, leaves
from eggd.cli.group import CommandGroup, Rows


class Subgroup(CommandGroup):
    """The commands below one word; each is loaded only when it is used."""

    def __init__(self, name: str, tree: Tree) -> None:
        super().__init__(name=name, help=f"The commands below {name!r}.")
        self._tree = tree

    def rows(self) -> Rows:
        """Returns every command below, with all of its words."""
        return [(" ".join(words), command.summary) for words, command in leaves(self._tree)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command or the group of a name; raises LoadError for a broken file."""
        entry = self._tree.get(cmd_name)
        if entry is None:
            return None
        command = load(entry) if isinstance(entry, DiscoveredCommand) else Subgroup(cmd_name, entry)
        command.name = cmd_name
        return command
