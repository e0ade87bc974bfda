"""`eggd sandbox`: what the units refused the app, and what they allow it."""

from __future__ import annotations

import os
import pwd
import re
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli import parameters
from eggd.cli.group import LoadedGroup
from eggd.cli.output import note, print_json, print_line, print_table
from eggd.cli.progress import waiting
from eggd.suite.names import SuiteNames

if TYPE_CHECKING:
    from eggd.cli.logview.entry import Entry
    from eggd.cli.refusals import ExplainedRefusal
    from eggd.host.sandbox import Sandbox

EXAMPLES = """\b
Examples:
  eggd sandbox explain
  eggd sandbox explain --since yesterday
  eggd sandbox allow write /srv/shop/uploads
  eggd sandbox allow family AF_NETLINK --unit worker
  eggd sandbox remove write /srv/shop/uploads
  eggd sandbox show
"""
KIND_HELP = """\b
Kinds:
  write PATH       write to a directory below /srv, say (ReadWritePaths=)
  home read-only   see /home, /root and /run/user (ProtectHome=)
  family AF_NAME   make sockets of an address family (RestrictAddressFamilies=)
  syscall NAME     make a system call, or those of a @group (SystemCallFilter=)
  memory execute   write to memory and execute it: JIT compilers (MemoryDenyWriteExecute=)
"""
HEADINGS = ("times", "last", "process", "refused", "to allow it")
UNIT_NAMES = ("worker", "agent")

unit_option = click.option(
    "--unit",
    type=click.Choice(UNIT_NAMES),
    help="Only for the workers, or only for the agent (default: both).",
)
root_option = click.option("--root", default="/", hidden=True, type=click.Path(path_type=Path))


@click.group(cls=LoadedGroup, epilog=EXAMPLES)
def command() -> None:
    """Explains what the sandbox of the units refused the app, and allows more.

    Only on a host with eggd's units: 'eggd start DIR' has no sandbox.
    """


@command.command("explain")
@click.option("--since", default="24h", metavar="TIME", help="10m, 2h, 13:30 (default: 24h).")
@parameters.as_json
def explain_command(since: str, as_json: bool) -> None:
    """Lists what the sandbox refused, from the journal and the logs, with the remedy.

    A line says what the app tried, which process, how often, and the command that allows it.
    """
    from eggd.cli.logview.choice import moment
    from eggd.cli.refusals import explained

    names = SuiteNames.chosen(os.environ)
    entries = _entries(moment(since, time.time()))
    refusals = waiting(lambda: explained(entries, names), lambda: "reading the logs")
    if as_json:
        print_json([_record(each, names) for each in refusals])
    elif refusals:
        print_table([HEADINGS, *(_row(each, names) for each in refusals)])
        for hint in dict.fromkeys(each.refusal.hint for each in refusals if each.refusal.allow):
            if hint:
                note(hint)
    else:
        note(f"the logs of the last {since} report nothing that the sandbox refused")


@command.command("allow", epilog=KIND_HELP)
@click.argument("kind")
@click.argument("value")
@unit_option
@root_option
def allow_command(kind: str, value: str, unit: str | None, root: Path) -> None:
    """Allows the workers and the agent more than the shipped units do.

    The grant is a line of the drop-in sandbox.conf of each unit, which is shown.
    """
    from eggd.host.sandbox import grant

    sandbox = _sandbox(root)
    changed = sandbox.allow(grant(kind, value, root), _units(sandbox, unit))
    if changed:
        _report(changed, sandbox.names)
    else:
        print_line(f"{kind} {value} is already allowed")
    if kind == "write":
        _check_owner(root / value.lstrip("/"), sandbox.names.user)


@command.command("remove", epilog=KIND_HELP)
@click.argument("kind")
@click.argument("value")
@unit_option
@root_option
def remove_command(kind: str, value: str, unit: str | None, root: Path) -> None:
    """Takes back what 'eggd sandbox allow' allowed."""
    from eggd.errors import SandboxError
    from eggd.host.sandbox import Grant, check_kind

    check_kind(kind)
    sandbox = _sandbox(root)
    changed = sandbox.remove(Grant(kind, value), _units(sandbox, unit))
    if not changed:
        hint = f"run {sandbox.names.command('sandbox show')!r}"
        raise SandboxError(f"{kind} {value} is not allowed", hint=hint)
    _report(changed, sandbox.names)


@command.command("show")
@parameters.as_json
@root_option
def show_command(as_json: bool, root: Path) -> None:
    """Shows what is allowed to workers and agent, and how exposed each unit is.

    The exposure is that of systemd-analyze security: 0 is confined, 10 is not.
    """
    sandbox = _sandbox(root)
    rows = [(name, each) for name, unit in zip(UNIT_NAMES, sandbox.units, strict=True)
            for each in sandbox.grants(unit)]  # fmt: skip
    exposure = {name: _exposure(unit) for name, unit in zip(UNIT_NAMES, sandbox.units, strict=True)}
    if as_json:
        grants = [{"unit": name, "kind": each.kind, "value": each.value} for name, each in rows]
        print_json({"exposure": exposure, "grants": grants})
        return
    for name, value in exposure.items():
        print_line(f"{name}: exposure {'unknown' if value is None else value}")
    if rows:
        head = ("process", "kind", "value", "directive")
        print_table([head, *((name, each.kind, each.value, each.line) for name, each in rows)])
    else:
        note("nothing is allowed beyond the shipped units")


def _sandbox(root: Path) -> Sandbox:
    from eggd.cli.backend import by_systemd
    from eggd.errors import SandboxError
    from eggd.host.sandbox import Sandbox
    from eggd.host.systemctl import Systemctl

    if root == Path("/") and not by_systemd(None):
        hint = "'eggd start DIR' runs without a sandbox"
        raise SandboxError("eggd's units are not installed on this host", hint=hint)
    return Sandbox(Systemctl(os.environ), SuiteNames.chosen(os.environ), root)


def _units(sandbox: Sandbox, name: str | None) -> tuple[str, ...]:
    return sandbox.units if name is None else (sandbox.units[UNIT_NAMES.index(name)],)


def _report(changed: list[Path], names: SuiteNames) -> None:
    """Shows the drop-ins that changed, and how they become effective."""
    for file in changed:
        text = file.read_text(encoding="utf-8") if file.exists() else "removed"
        print_line(f"{file}:")
        for line in text.splitlines():
            print_line(line)
    print_line(f"{names.command('reload')!r} makes it live")


def _check_owner(path: Path, user: str) -> None:
    """Notes a directory that the user of the units may not write to: a grant is not enough."""
    about = path.stat()
    try:
        owner = pwd.getpwnam(user)
    except KeyError:  # an image that is built; the package makes the user
        return
    writable = {owner.pw_uid: stat.S_IWUSR}.get(about.st_uid, 0)
    writable |= {owner.pw_gid: stat.S_IWGRP}.get(about.st_gid, 0) | stat.S_IWOTH
    if not about.st_mode & writable:
        note(f"user {user} may not write to it: chown {user}: {path}")


def _entries(since: float) -> Iterator[Entry]:
    """Yields the entries of the host's logs and of the journal in the order of time."""
    from eggd.cli.logview import journal, reading
    from eggd.cli.logview.folder import log_files, log_folder
    from eggd.cli.logview.merging import merged

    _sandbox(Path("/"))
    streams = [reading.entries(log, since) for log in log_files(log_folder(None))]
    return (each for each in merged([*streams, journal.entries(since)]) if each.at >= since)


def _row(each: ExplainedRefusal, names: SuiteNames) -> tuple[str, ...]:
    from eggd.cli.logview.entry import local_text

    refusal = each.refusal
    remedy = refusal.allow.command(names) if refusal.allow else refusal.hint
    return (
        str(each.count),
        local_text(each.last)[:-4],
        "agent" if each.of_agent else "worker",
        refusal.what,
        remedy,
    )


def _record(each: ExplainedRefusal, names: SuiteNames) -> dict[str, object]:
    refusal = each.refusal
    return {
        "count": each.count,
        "last": each.last,
        "process": "agent" if each.of_agent else "worker",
        "refused": refusal.what,
        "command": refusal.allow.command(names) if refusal.allow else "",
        "hint": refusal.hint,
    }


def _exposure(unit: str) -> float | None:
    """Returns what systemd-analyze security says, None where it cannot say it."""
    argv = ["systemd-analyze", "security", "--no-pager", unit.replace("@.", "@1.")]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except OSError:
        return None
    match = re.search(r"exposure level for \S+: (\d+\.\d+)", done.stdout)
    return float(match[1]) if match else None
