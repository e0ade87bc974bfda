"""The command `eggd`: finds a command, runs it, and reports a failure in one line.

Exit codes: 0 success, 1 failure (`error: what (what to do)`), 2 wrong usage; commands may add
their own (docs/cli.md).
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

import click

from eggd.cli.commands import ALIASES, COMMANDS, OF_APPLICATION, SECTIONS, Entry
from eggd.cli.group import CommandGroup, Rows, UnknownCommandError, is_selected
from eggd.errors import EggError
from eggd.failure import DEBUG, trace
from eggd.spelling import did_you_mean
from eggd.version import __version__
from eggd.wire.terminal import visible, visible_line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from eggd.cli.discovery import DiscoveredCommand

COMPLETING = "_EGGD_COMPLETE"
"""The variable by which a shell asks for completions."""

EXAMPLES = """\b
Examples:
  eggd init shop && cd shop && eggd dev
  eggd check && eggd reload
  eggd scale 4             four workers on one listener
  eggd status --json
"""

_ENTRIES = {entry.name: entry for entry in COMMANDS}
_RESERVED = (*_ENTRIES, *ALIASES)
_OTHER_HOSTS = "eggd.other-hosts"
"""The key of a context's meta: whether the command acts on other hosts, `deploy --hosts`."""


class _Eggd(CommandGroup):
    """The commands of eggd, then those of the current app, of its plugins and of packages."""

    def rows(self) -> Rows:
        return [row for _, rows in self._sections() for row in rows]

    def known(self) -> list[str]:
        names = (each.words[0] for each in (*self._discovered, *self._resolved))
        return [*_ENTRIES, *dict.fromkeys(names)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = ALIASES.get(cmd_name, cmd_name)
        if name in _ENTRIES:
            command: click.Command = import_module(_ENTRIES[name].module).command
            command.name = name
            return command
        return self._among(self._discovered, ctx, name) or self._among(self._resolved, ctx, name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Notes, before --app is read, whether it names an application of other hosts."""
        names_hosts = any(each.partition("=")[0] == "--hosts" for each in args)
        ctx.meta[_OTHER_HOSTS] = "deploy" in args and names_hosts
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Refuses --app where it has no effect."""
        name, command, rest = super().resolve_command(ctx, args)
        if is_selected(ctx) and name not in OF_APPLICATION:
            raise click.UsageError(f"--app has no effect on {name}")
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, rows in self._sections():
            self.write_rows(formatter, title, rows)

    def _sections(self) -> Sequence[tuple[str, Rows]]:
        from eggd.cli.discovery import help_sections

        sections = [
            (title, [_row(_ENTRIES[n]) for n in names]) for title, names in SECTIONS.items()
        ]
        return [*sections, *help_sections(self._discovered, _RESERVED)]

    @staticmethod
    def _among(
        commands: list[DiscoveredCommand], ctx: click.Context, name: str
    ) -> click.Command | None:
        from eggd.cli.discovery import command_tree
        from eggd.cli.subgroup import Subgroup

        return Subgroup("eggd", command_tree(commands, _RESERVED)[0]).get_command(ctx, name)

    @cached_property
    def _discovered(self) -> list[DiscoveredCommand]:
        from eggd.cli.discovery import app_here, discover

        return discover(app_here())

    @cached_property
    def _resolved(self) -> list[DiscoveredCommand]:
        """Commands, also of frameworks and computed plugins; runs the app's config/plugin.py."""
        from eggd.cli.command_loader import resolved_commands
        from eggd.cli.discovery import app_here

        here = app_here()
        return [] if here is None else resolved_commands(here)


def _choose_application(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Selects an application for all that this process does, its child for root too."""
    if value is None:
        return

    from eggd.host.applications import named
    from eggd.suite.names import VARIABLE, application_name

    if ctx.meta.get(_OTHER_HOSTS) and value != "default":
        os.environ[VARIABLE] = application_name(value)  # the other hosts know whether it exists
    else:
        os.environ[VARIABLE] = named(value).title


def _complete_application(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from eggd.host.applications import applications

    names = (each.app for each in applications())
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _row(entry: Entry) -> tuple[str, str]:
    return f"{entry.name} {entry.arguments}".strip(), entry.summary


def _change_directory(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is None:
        return

    from eggd.cli.confinement import confining_folder
    from eggd.host.venv import entered_venv

    # This process got the same arguments as its parent, and was started in DIR.
    if entered_venv() or confining_folder() is not None:
        return
    try:
        os.chdir(value)
    except OSError as exc:
        raise click.BadParameter(f"{value}: {exc.strerror}", ctx, param) from exc


@click.command(
    cls=_Eggd,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--base",
    metavar="DIR",
    type=click.Path(),
    is_eager=True,
    expose_value=False,
    callback=_change_directory,
    help="Run as if started in DIR.",
)
@click.option(
    "--app",
    metavar="NAME",
    envvar="EGG_APP",
    is_eager=True,
    expose_value=False,
    callback=_choose_application,
    shell_complete=_complete_application,
    help="Act on this application of the host ('eggd app list'; default: $EGG_APP).",
)
@click.version_option(__version__, "-v", "--version", message="eggd %(version)s")
def eggd() -> None:
    """Runs Python web applications as a suite of systemd services."""


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and exits with its code."""
    _open_standard_files()
    sys.exit(_run(arguments))


def _open_standard_files() -> None:
    """Opens /dev/null for each of input, output and errors that the caller closed (`>&-`).

    A file or socket of the command would otherwise get its number, and the output of the command.
    """
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fd, True)
    os.close(fd)
    sys.stdin = sys.stdin or open(0, closefd=False)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", closefd=False)


def _run(arguments: list[str] | None) -> int:
    try:
        _enter_confinement()
        code = eggd.main(arguments, prog_name="eggd", standalone_mode=False)
    except EggError as exc:
        click.echo(visible(trace(exc, os.environ)), err=True, nl=False)
        return _error(exc.line, exc.exit_code)
    except click.UsageError as exc:
        return _error(_usage(exc), exc.exit_code)
    except click.ClickException as exc:  # raised by an app's command
        return _error(exc.format_message(), exc.exit_code)
    except BrokenPipeError:
        _drop_output()
        return 1
    except OSError as exc:
        if os.environ.get(DEBUG):
            raise
        if _is_of_output(exc):
            _drop_output()
        return _error(_system_error(exc), 1)
    except click.Abort:
        return _error("interrupted", 130)
    return code if isinstance(code, int) else 0


def _enter_confinement() -> None:
    if "EGGD_CONFINED" in os.environ:
        from eggd.cli.confinement import settle

        settle()


def _error(line: str, code: int) -> int:
    if COMPLETING not in os.environ:  # an error would garble the shell's prompt
        click.echo(f"error: {visible_line(line)}", err=True)
    return code


def _system_error(exc: OSError) -> str:
    # Only getcwd(3) fails with ENOENT and without a file name.
    here = "the current directory" if isinstance(exc, FileNotFoundError) else ""
    output = "the output cannot be written" if _is_of_output(exc) else ""
    place = exc.filename or here or output
    return f"{place}: {exc.strerror}" if place else str(exc)


def _is_of_output(exc: OSError) -> bool:
    return not exc.filename and exc.errno in (errno.ENOSPC, errno.EIO)


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else the flush at exit fails again


def _usage(exc: click.UsageError) -> str:
    if isinstance(exc, UnknownCommandError):
        return exc.message
    path = exc.ctx.command_path if exc.ctx else "eggd"
    hint = f"{path} --help"
    if isinstance(exc, click.NoSuchOption):
        near = exc.possibilities or ()
        hint = did_you_mean(near[0]) if near else hint
        return f"{path}: {exc.option_name}: unknown option ({hint})"
    text = " ".join(exc.format_message().split()).rstrip(".")
    return f"{text[:1].lower()}{text[1:]} ({hint})"
