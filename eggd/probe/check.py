"""Loads an app like worker and agent do, but without listener, peers or hooks that connect."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.app.assemble import assemble, framework_of, load_units
from eggd.app.loading.host import Host, Units
from eggd.app.loading.middleware import names_of
from eggd.config import Config
from eggd.config.credentials import UnitCredentials
from eggd.errors import ConfigError
from eggd.host.unit_credentials import unit_credentials
from eggd.loader.metadata import app_info
from eggd.log import setup_console
from eggd.process.tls import configured_context
from eggd.process.uncaught import ignored_codes
from eggd.suite.names import SuiteNames

VARIABLE = "EGG_SERVER_ENV"
"""The variable that a command sets to the environment of the units, unless the user has set it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The parts of an app that loads."""

    name: str
    """The app's name."""
    env: str
    """The environment it was loaded for."""
    env_origin: str
    """The source of `env`: `--env`, the path of `config/env`, EGG_SERVER_ENV, or "default"."""
    plugins: list[str]
    """Names of the plugins, in load order."""
    middleware: list[str]
    """Names of the middleware, outermost first."""
    routes: int
    """The number of routes."""
    services: int
    """The number of top-level services."""
    warnings: list[str]
    """Probable mistakes, one line each."""


def check(
    base_dir: Path,
    env: str,
    environ: Mapping[str, str],
    *,
    https: bool = True,
    origin: str = VARIABLE,
) -> Summary:
    """Returns the parts of the app; raises the EggError at which a start would fail.

    `did_load` and later hooks are not run: they connect to things. Without `https` the files of
    `config.cluster.https` are not checked. `origin` is the source of EGG_SERVER_ENV.
    """
    with temporary_host(base_dir, env, environ, placeholders=True, origin=origin) as host:
        app, agent = load_app(host)
        if https:
            configured_context(app.config, base_dir, app.warnings.append)
        app.warnings += _run_checks(app)
        ignored_codes(app.config)
        return _summary(app, agent, _replaced(host))


def _run_checks(app: Application) -> list[str]:
    """Returns the warnings of `app.add_check`. Raises the first EggError, with its place."""
    try:
        return [text for function in app.checks for text in function()]
    except ConfigError as exc:
        if exc.keys:
            raise app.config.locate(exc) from exc
        raise


@contextmanager
def temporary_host(
    base_dir: Path,
    env: str,
    environ: Mapping[str, str],
    level: str = "ERROR",
    *,
    placeholders: bool = False,
    origin: str = VARIABLE,
) -> Iterator[Host]:
    """Yields a host for the app with temporary runtime and log directories.

    Lines of at least `level` go to standard error. `placeholders` is whether the app gets one for a
    credential of the units that this process cannot read. `origin` is the source of EGG_SERVER_ENV.
    """
    info = app_info(base_dir, environ, env=env)
    if info.env_origin == VARIABLE:
        info = replace(info, env_origin=origin)
    origins = {
        name: str(each.origin)
        for name, each in unit_credentials(SuiteNames.chosen(environ)).items()
    }
    with tempfile.TemporaryDirectory(prefix="eggd-check-") as folder:
        console = setup_console(level, "eggd check")
        try:
            yield Host(
                info=info,
                environ=environ,
                rundir=_create(Path(folder) / "run"),
                log_dir=_create(Path(folder) / "logs"),
                console=console,
                unit_credentials=UnitCredentials(origins, placeholders),
                runs_schedules=False,
            )
        finally:
            console.close()


def load_app(host: Host) -> tuple[Application, Agent]:
    """Returns both sides of the app with config and files loaded; raises the first EggError."""
    app, agent = assemble(Application, host), assemble(Agent, host)
    for part in (app, agent):
        part.load_config()
        part.load_files()
        part.loggers.close()
    return app, agent


def configs_of(host: Host, envs: Sequence[str]) -> list[Config]:
    """Returns the app's config in each environment, before its config hooks."""
    configs = []
    for env in envs:
        info = app_info(host.info.base_dir, host.environ, env=env)
        app = assemble(Application, replace(host, info=info))
        app.load_config()
        configs.append(app.config)
    return configs


def units_of(host: Host) -> Units:
    """Returns the load units, not yet loaded; raises PluginError, ConfigError or LoadError."""
    return load_units(framework_of(Application, host), host)


def _replaced(host: Host) -> list[str]:
    return [
        f"credential {name} is set for the service and not readable here: a placeholder was used"
        " instead (run it as root)"
        for name in sorted(host.unit_credentials.replaced)
    ]


def _summary(app: Application, agent: Agent, warnings: Sequence[str]) -> Summary:
    return Summary(
        name=app.name,
        env=app.env,
        env_origin=app.info.env_origin,
        plugins=[plugin.name for plugin in app.plugins.order],
        middleware=names_of([*app.config.core_middleware, *app.config.middleware]),
        routes=len(app.router.routes),
        services=len(app.service_classes),
        warnings=list(dict.fromkeys([*app.warnings, *agent.warnings, *warnings])),
    )


def _create(folder: Path) -> Path:
    folder.mkdir()
    return folder
