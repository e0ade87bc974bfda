"""`eggd check`: load an app as worker and agent would, but without listener, peers or hooks."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.app.assemble import assemble
from eggd.app.base import Host
from eggd.loader.metadata import app_info
from eggd.log import setup_console


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What an app that loads is made of."""

    name: str
    """The app's name."""
    env: str
    """The environment it was loaded for."""
    plugins: list[str]
    """Names of the plugins, in load order."""
    middleware: list[str]
    """Names of the middleware, outermost first."""
    routes: int
    """How many routes there are."""
    services: int
    """How many services there are at the top."""


def check(base_dir: Path, env: str, environ: Mapping[str, str]) -> Summary:
    """Return what the app is made of; raise the EggError at which a start would fail.

    `did_load` and later hooks are not run: they connect to things.
    """
    with tempfile.TemporaryDirectory(prefix="eggd-check-") as folder:
        console = setup_console("ERROR", "eggd check")
        host = Host(
            info=app_info(base_dir, environ, env=env),
            environ=environ,
            rundir=Path(folder),
            log_dir=Path(folder),
            console=console,
        )
        try:
            return _summary(host)
        finally:
            console.close()


def _summary(host: Host) -> Summary:
    app, agent = assemble(Application, host), assemble(Agent, host)
    for part in (app, agent):
        part.load_config()
        part.load_files()
        part.loggers.close()
    return Summary(
        name=app.name,
        env=app.env,
        plugins=[plugin.name for plugin in app.plugins.order],
        middleware=[*app.config.core_middleware, *app.config.middleware],
        routes=len(app.router.routes),
        services=len(app.service_classes),
    )
