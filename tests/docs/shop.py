"""The app of a page: its folder, and three ways to run a step in it."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eggd.app.base import BaseApplication
from eggd.app.loading.host import Host
from eggd.app.single import bring_up, linked
from eggd.errors import EggError
from eggd.loader.metadata import app_info
from eggd.log import setup_console
from eggd.testing.make_app import make_app
from tests.app.serving import served
from tests.docs.pages import Step
from tests.house.imports import ROOT

_COMMANDS = {"eggd": "-P -m", "pytest": "-m"}
_VARIABLE = re.compile(r"([A-Z_]+)=(\S+) +")


class Shop:
    """The app that a page writes; each step runs in a copy, because a path is loaded only once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked = 0
        self.fresh()

    def fresh(self) -> None:
        self.root = self.folder / f"app-{self.asked}-{len(list(self.folder.iterdir()))}" / "shop"
        make_app(self.root, {})

    def do(self, step: Step) -> None:
        """Runs a step; raises AssertionError if the output is not the expected one."""
        if step.verb == "fresh":
            self.fresh()
        elif step.verb == "run":
            self._run(step)
        else:
            file = self.root / step.what
            old = file.read_text() if step.verb == "append" else ""
            make_app(self.root, {step.what: old + step.block})

    def _run(self, step: Step) -> None:
        environ, command = _variables(step.command)
        assert step.expected, "a run says what it expects: => text, or a block"
        output = self._answer(command, environ)
        for line in step.expected:
            assert line.strip() in output, f"{line.strip()!r} is not in: {output}"

    def _answer(self, command: str, environ: dict[str, str]) -> str:
        self.asked += 1
        copy = self.folder / f"{self.asked}" / "shop"
        shutil.copytree(self.root, copy)
        if command.split()[0] in _COMMANDS:
            text = _command(f"{_COMMANDS[command.split()[0]]} {command}", copy, environ)
        elif re.match(r"[A-Z]+ /", command):
            env = environ.get("EGG_SERVER_ENV", "unittest")
            with served(copy, {}, env=env) as client:
                method, path = command.split()
                answer = client.ask(method, path)
            text = f"{answer.status} {answer.text}"
        else:
            text = asyncio.run(_evaluated(command, copy, environ))
        return text.replace(str(copy), "/srv/shop")


def _variables(command: str) -> tuple[dict[str, str], str]:
    found = {}
    while mark := _VARIABLE.match(command):
        found[mark[1]] = mark[2]
        command = command[mark.end() :]
    return found, command


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "EGGD_USER")}


def _command(command: str, folder: Path, environ: Mapping[str, str]) -> str:
    given = {"PYTHONPATH": str(ROOT), "EGG_DEFAULTS": "/dev/null", "EGG_BASE_DIR": str(folder)}
    given["PYTEST_ADDOPTS"] = "-p eggd.testing.pytest_plugin -p no:cacheprovider"
    done = subprocess.run(
        [sys.executable, *command.split()],
        env={**_kept(), "COLUMNS": "300", **given, **environ},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


async def _evaluated(expression: str, folder: Path, environ: Mapping[str, str]) -> str:
    app: BaseApplication | None = None
    try:
        app, agent = await _started(folder, environ)
        names: dict[str, Any] = {"app": app, "agent": agent}
        if "ctx" in expression:
            names["ctx"] = app.create_anonymous_context()
        value = eval(expression, names)
        value = await value if inspect.isawaitable(value) else value
        return value if isinstance(value, str) else _shown(value)
    except EggError as exc:
        return exc.line
    finally:
        if app is not None:
            await app.close()


async def _started(
    folder: Path, environ: Mapping[str, str]
) -> tuple[BaseApplication, BaseApplication]:
    console = setup_console("NONE", "docs")
    console.close()
    host = Host(
        info=app_info(folder, environ, env=environ.get("EGG_SERVER_ENV", "unittest")),
        environ=environ,
        rundir=folder / "run",
        log_dir=folder / "logs",
        console=console,
    )
    app = await bring_up(linked(host))
    return app, app.agent


def _shown(value: object) -> str:
    try:
        return json.dumps(value)
    except TypeError:
        return str(value)
