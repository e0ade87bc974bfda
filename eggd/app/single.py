"""`start()`: agent and app of one folder in one process, without sockets (core:APP-12).

For scripts, notebooks and tests: `app = await eggd.start("/srv/shop")`, `await app.close()`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.app.assemble import assemble
from eggd.app.base import BaseApplication
from eggd.app.loading.host import Host
from eggd.loader.metadata import app_info
from eggd.log import setup_console
from eggd.messenger import MessengerConfig, local_pair


async def start(
    base_dir: Path | str = ".", *, env: str = "", plugins: Mapping[str, object] | None = None
) -> Application:
    """Returns the app, ready, with its agent as `app.agent`; `app.close()` ends both.

    Raises the EggError at which a suite would fail. Nothing listens; runtime files are in
    `run/`, logs in `logs/` of the app. The framework is the one of its pyproject.toml.
    """
    host = _host(base_dir, env, plugins or {})
    app = linked(host)
    app.before_close(host.console.close)
    return await bring_up(app)


def linked(host: Host) -> Application:
    """Returns the app of `host` with its agent, each knowing the other; nothing is loaded yet."""
    for_app, for_agent = local_pair(lambda level, text: None)
    agent, app = assemble(Agent, host, for_agent), assemble(Application, host, for_app)
    app.agent, agent.application = agent, app
    return app


async def bring_up(app: Application) -> Application:
    """Returns a linked app when it and its agent are ready; if one fails, both are closed.

    Raises the EggError of the failure, after the `did_ready(error)` of the failed part.
    """
    agent = app.agent
    app.before_close(agent.close)
    part: BaseApplication = agent
    try:
        await _ready(agent)
        part = app
        await _ready(app)
    except BaseException as exc:
        if isinstance(exc, Exception):
            await part.lifecycle.did_ready(exc)
        await app.close()
        raise
    app.messenger.send_to_app("egg-ready").send_to_agent("egg-ready")
    for part in (agent, app):
        await part.lifecycle.server_did_ready()
    return app


def _host(base_dir: Path | str, env: str, plugins: Mapping[str, object]) -> Host:
    folder = Path(base_dir).absolute()
    return Host(
        info=app_info(folder, os.environ, env=env),
        environ=os.environ,
        rundir=folder / "run",
        log_dir=folder / "logs",
        console=setup_console(None, "eggd"),
        plugins=plugins,
    )


async def _ready(part: BaseApplication) -> None:
    part.load_config()
    part.messenger.configure(part.config[MessengerConfig])
    await part.messenger.open()
    part.before_close(part.messenger.close)
    await part.load()
    await part.lifecycle.did_ready()
