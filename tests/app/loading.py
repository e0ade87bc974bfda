"""An app or an agent, loaded from a dict of files, without a server around it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from eggd.app.application import Application
from eggd.app.assemble import assemble
from eggd.app.base import BaseApplication
from eggd.app.loading.host import Host
from eggd.loader.metadata import app_info
from eggd.log import setup_console
from eggd.testing.make_app import make_app

A = TypeVar("A", bound=BaseApplication)


def assembled(
    root: Path,
    files: Mapping[str, str],
    base: type[A],
    environ: Mapping[str, str],
    env: str,
    progress: Callable[[str], None] = lambda text: None,
) -> A:
    """Returns the app that the files make, nothing of it loaded yet."""
    console = setup_console("NONE", "test")
    console.close()
    host = Host(
        info=app_info(make_app(root, files), environ, env=env),
        environ=environ,
        rundir=root / "run",
        log_dir=root / "logs",
        console=console,
        progress=progress,
    )
    return assemble(base, host)


def loaded(
    root: Path,
    files: Mapping[str, str],
    base: type[A] = Application,  # type: ignore[assignment]
    environ: Mapping[str, str] = {},  # never changed
    env: str = "unittest",
) -> A:
    """Returns the app with all its files loaded, no start hook run."""
    app = assembled(root, files, base, environ, env)
    app.load_config()
    app.load_files()
    return app


def run(app: A, main: Callable[[A], Awaitable[Any]]) -> Any:
    """Runs `main(app)` on a loop, close the app, and return what it did."""

    async def whole() -> Any:
        try:
            return await main(app)
        finally:
            await app.close()

    return asyncio.run(whole())


async def start(app: BaseApplication) -> None:
    """Brings an assembled app up to ready, beside a messenger that leads nowhere."""
    app.load_config()
    await app.load()


def log(app: BaseApplication) -> str:
    """Returns all that the app has logged."""
    app.loggers.flush()
    return "".join(path.read_text() for path in sorted(app.loggers.files()) if path.exists())
