"""`eggd hosts`: lists the hosts that run the application together (docs/scale.md)."""

from __future__ import annotations

import time
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.agent_request import ask_agent
from eggd.cli.output import note, print_json, print_table
from eggd.errors import ControlError
from eggd.wire.terminal import visible_line

COLUMNS = ("host", "application", "env", "code", "eggd", "ready", "workers", "since")
"""The keys of a host, in the order of the table."""

EXAMPLES = """\b
Examples:
  eggd hosts
  eggd hosts --json
"""


@click.command(epilog=EXAMPLES)
@parameters.directory
@parameters.as_json
def command(directory: Path | None, as_json: bool) -> None:
    """Lists the hosts that share the server of plugin fleet with the suite of DIR.

    Each agent publishes its host every 5 seconds; one that was silent for 15 is not listed.
    """
    answer = ask_agent(directory, "fleet-hosts", "asking for the hosts")
    if not isinstance(answer, list) or not all(isinstance(each, dict) for each in answer):
        raise ControlError("the agent sent an invalid response")
    if as_json:
        print_json(answer)
        return
    print_table([COLUMNS, *(_row(each) for each in answer)])
    if len({(each.get("code"), each.get("eggd")) for each in answer}) > 1:
        note("the hosts run different versions")


def _row(host: dict[str, object]) -> list[str]:
    texts = {key: visible_line(str(host.get(key, ""))) for key in COLUMNS}
    since = host.get("since")
    if isinstance(since, int | float):
        texts["since"] = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(since))
    return [texts[key] for key in COLUMNS]
