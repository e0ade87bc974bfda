"""`eggd completion SHELL`: click's script for a shell, which runs `eggd` at each press of Tab."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from eggd.cli.main import COMPLETING

SHELLS = ("bash", "zsh", "fish")
EXAMPLES = """\b
Examples (the Debian package installs these files):
  eggd completion bash > ~/.local/share/bash-completion/completions/eggd
  eggd completion zsh > ~/.zfunc/_eggd       with ~/.zfunc in fpath
  eggd completion fish > ~/.config/fish/completions/eggd.fish
"""


@click.command(epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Prints a script by which the shell completes commands, those of apps too, and options."""
    completion = get_completion_class(shell)
    assert completion is not None, "click supports all three"
    click.echo(completion(click.Command("eggd"), {}, "eggd", COMPLETING).source())
