"""Runs a command that an app, a plugin or a package brought along.

Its file has a click command called `command`, sync or async. A parameter called `app` is the app,
loaded and ready; `ctx` is a context of it, for its services. What asks for neither loads nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from eggd.calling import call
from eggd.cli.found import Found, of_unit, standing_in
from eggd.cli.progress import loading
from eggd.cli.relay import WORK
from eggd.cli.target import enter
from eggd.errors import EggError, LoadError
from eggd.failure import DEBUG, describe, where
from eggd.importer import import_file

GIVEN = ("app", "ctx")
"""Parameters that are the app's, not the command line's."""

_ENV = "eggd_env"


def loaded(base_dir: Path) -> list[Found]:
    """Returns the commands of the frameworks and plugins of an app, as resolving them finds these.

    None where they cannot be resolved: `eggd check` says why.
    """
    from eggd.process.checking import checked_host, units_of

    target = enter(base_dir, bounds=WORK)
    try:
        with checked_host(target.base_dir, "", target.environ) as host:
            units = units_of(host)
    except EggError:
        return []
    frameworks = ((unit.root, unit.name) for unit in reversed(units.frameworks))
    plugins = ((unit.root, f"plugin {unit.name}") for unit in units.plugins.units)
    return [found for each in (*frameworks, *plugins) for found in of_unit(*each)]


def load(found: Found) -> click.Command:
    """Returns the click command of a file or entry point, ready to run; LoadError for any other."""
    source, here = found.source, standing_in()
    if here is not None:
        enter(here, bounds=WORK)  # before any of the app's code runs
    if isinstance(source, Path):
        command = getattr(import_file(source, f"command of {found.owner}"), "command", None)
        place = str(source)
    else:
        place = f"entry point {source.name} = {source.value}"
        try:
            command = source.load()
        except Exception as exc:
            raise LoadError(f"{place}: {describe(exc)}") from exc
    if not isinstance(command, click.Command):
        raise LoadError(
            f"{place}: must be a click command called `command`, not {command!r}",
            hint="@click.command() above def command(...)",
        )
    return _prepared(command, place)


def _prepared(command: click.Command, place: str) -> click.Command:
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _prepared(each, place)
    callback = command.callback
    if callback is None:
        return command
    own = {param.name for param in command.params}
    names = [name for name in GIVEN if name in _parameters(callback) and name not in own]
    if names and not any("--env" in param.opts for param in command.params):
        text = "Environment, instead of the configured."
        command.params.append(click.Option(["--env", _ENV], default="", metavar="ENV", help=text))
    command.callback = partial(_run, callback, names, place)
    return command


def _parameters(callback: Callable[..., object]) -> Collection[str]:
    # What click's pass_context and its like wrap has a `ctx` that is click's.
    return inspect.signature(callback, follow_wrapped=False).parameters


def _run(
    callback: Callable[..., object], names: list[str], place: str, /, **given: object
) -> object:
    env = str(given.pop(_ENV, ""))
    try:
        if names:
            return asyncio.run(_with_app(callback, names, env, given))
        result = callback(**given)  # not on a loop: it may run one itself
        return asyncio.run(call(lambda: result)) if inspect.isawaitable(result) else result
    except (EggError, click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as exc:
        if os.environ.get(DEBUG):
            raise
        raise EggError(
            f"{where(exc, Path(place))}: {describe(exc)}", hint=f"{DEBUG}=1 shows the traceback"
        ) from exc


async def _with_app(
    callback: Callable[..., object], names: list[str], env: str, given: Mapping[str, object]
) -> object:
    from eggd.app.single import bring_up, linked
    from eggd.process.checking import checked_host

    target = enter(None, bounds=WORK)
    level = os.environ.get("EGG_LOG") or "WARN"
    # A suite may run beside: its runtime and log directories are left alone.
    with checked_host(target.base_dir, env, target.environ, level) as host:
        with loading(target.base_dir):
            app = await bring_up(linked(host))
        try:
            values: dict[str, Any] = {"app": app, "ctx": app.create_anonymous_context()}
            return await call(callback, **given, **{name: values[name] for name in names})
        finally:
            await app.close()
