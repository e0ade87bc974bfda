"""Commands of apps, plugins and packages as click has them: a group per folder, to any depth."""

from __future__ import annotations

import click

from eggd.cli.found import Found, Tree, leaves
from eggd.cli.nearest import Group, Rows
from eggd.cli.perform import load


class Branch(Group):
    """The commands below one word; one is loaded when it is used, and only then."""

    def __init__(self, name: str, tree: Tree) -> None:
        super().__init__(name=name, help=f"The commands below {name!r}.")
        self._tree = tree

    def rows(self) -> Rows:
        """Returns every command below, with all of its words."""
        return [(" ".join(words), found.summary) for words, found in leaves(self._tree)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command or the group of a name; raises LoadError where it is broken."""
        found = self._tree.get(cmd_name)
        if found is None:
            return None
        command = load(found) if isinstance(found, Found) else Branch(cmd_name, found)
        command.name = cmd_name
        return command
