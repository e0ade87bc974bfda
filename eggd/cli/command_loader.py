"""Loads and runs the commands of apps, plugins and packages.

A command file defines a click command named `command`, sync or async. If it has a parameter `app`,
it receives the loaded app; a parameter `ctx` receives an anonymous context, for the services of
the app. A command with neither parameter does not load the app.
"""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

import click

from eggd.calling import call
from eggd.cli.current_app import enter
from eggd.cli.discovery import DiscoveredCommand, app_here, unit_commands
from eggd.cli.loading import loading
from eggd.cli.relay import WORK
from eggd.errors import EggError, LoadError
from eggd.failure import DEBUG, describe, where
from eggd.importer import import_file
from eggd.spelling import suggestion_or_list

INJECTED = ("app", "ctx")
"""Parameters whose values come from eggd instead of the command line."""

_ENV = "eggd_env"
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def resolved_commands(base_dir: Path) -> list[DiscoveredCommand]:
    """Resolves the frameworks and plugins of an app and returns their commands.

    Returns an empty list if they cannot be resolved; `eggd check` reports the reason.
    """
    from eggd.probe.check import temporary_host, units_of

    current = enter(base_dir, bounds=WORK)
    try:
        with temporary_host(current.base_dir, "", current.environ) as host:
            units = units_of(host)
    except EggError:
        return []
    frameworks = ((unit.root, unit.name) for unit in reversed(units.frameworks))
    plugins = ((unit.root, f"plugin {unit.name}") for unit in units.plugins.units)
    return [each for unit in (*frameworks, *plugins) for each in unit_commands(*unit)]


def load(discovered: DiscoveredCommand) -> click.Command:
    """Returns the click command of a file or entry point, ready to run; raises LoadError."""
    source, here = discovered.source, app_here()
    if here is not None:
        enter(here, bounds=WORK)  # before any of the app's code runs
    if isinstance(source, Path):
        module = import_file(source, f"command of {discovered.owner}")
        command = getattr(module, "command", None)
        place = str(source)
    else:
        place = f"entry point {source.name} = {source.value}"
        try:
            command = source.load()
        except Exception as exc:
            raise LoadError(f"{place}: {describe(exc)}") from exc
    if not isinstance(command, click.Command):
        raise LoadError(
            f"{place}: must be a click command named `command`, not {command!r}",
            hint="write @click.command() above def command(...)",
        )
    return _prepare(command, place)


def _prepare(command: click.Command, place: str) -> click.Command:
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _prepare(each, place)
    callback = command.callback
    if callback is None:
        return command
    parameter_names = {param.name for param in command.params}
    _check_parameters(callback, {*INJECTED, *parameter_names}, place)
    names = [
        name for name in INJECTED if name in _parameters(callback) and name not in parameter_names
    ]
    if names and not any("--env" in param.opts for param in command.params):
        text = "Environment (default: the configured one)."
        command.params.append(click.Option(["--env", _ENV], default="", metavar="ENV", help=text))
    command.callback = partial(_run, callback, names, place)
    return command


def _check_parameters(
    callback: Callable[..., object], known: Collection[object], place: str
) -> None:
    """Raises LoadError for a required parameter that gets no value."""
    for name, each in inspect.signature(callback, follow_wrapped=False).parameters.items():
        required = each.default is each.empty and each.kind in _NAMED
        if required and name not in known:
            raise LoadError(
                f"{place}: {callback.__name__}: no option or argument has the value of {name!r}",
                hint=suggestion_or_list(name, [str(one) for one in known]),
            )


def _parameters(callback: Callable[..., object]) -> Collection[str]:
    # A function wrapped by click.pass_context has a `ctx` that is click's.
    return inspect.signature(callback, follow_wrapped=False).parameters


def _run(
    callback: Callable[..., object], names: list[str], place: str, /, **given: object
) -> object:
    env = str(given.pop(_ENV, ""))
    try:
        if names:
            return asyncio.run(_with_app(callback, names, env, given))
        result = callback(**given)  # outside a loop, as it may call asyncio.run()
        return asyncio.run(call(lambda: result)) if inspect.isawaitable(result) else result
    except (EggError, click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as exc:
        if os.environ.get(DEBUG):
            raise
        raise EggError(
            f"{where(exc, Path(place))}: {describe(exc)}",
            hint=f"set {DEBUG}=1 to see the traceback",
        ) from exc


async def _with_app(
    callback: Callable[..., object], names: list[str], env: str, given: Mapping[str, object]
) -> object:
    from eggd.app.single import bring_up, linked
    from eggd.probe.check import temporary_host

    current = enter(None, bounds=WORK)
    level = os.environ.get("EGG_LOG") or "WARN"
    # Uses other runtime and log directories than a running suite.
    with temporary_host(
        current.base_dir, env, current.environ, level, origin=current.origin
    ) as host:
        with loading(current.base_dir):
            app = await bring_up(linked(host))
        try:
            values: dict[str, object] = {"app": app, "ctx": app.create_anonymous_context()}
            return await call(callback, **given, **{name: values[name] for name in names})
        finally:
            await app.close()
