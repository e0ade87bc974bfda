"""`eggd dev --debug`: runs the worker or the agent under a debugger."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from eggd.cli.launch import app_config
from eggd.errors import VariableError
from eggd.supervisor.settings import Settings

PORTS = {"worker": ("EGG_WORKER_DEBUG_PORT", 5678), "agent": ("EGG_AGENT_DEBUG_PORT", 5800)}
"""Variable and default of the port at which debugpy listens on this host (process:CL-103)."""

_UNITS = {"worker": ("egg-worker@.service", ["%i"]), "agent": ("egg-agent.service", [])}


def add_debugger(
    settings: Settings, which: str, environ: Mapping[str, str]
) -> tuple[Settings, str]:
    """Returns the settings that start the debugger, and a line that describes how to reach it."""
    python = _interpreter(settings)
    # A worker at a breakpoint during its start must not be killed for being slow.
    patient = app_config({"worker_start_timeout": "1d"}, {**environ, **settings.environ})
    settings = replace(
        settings, python=python, watchdog=False, environ={**settings.environ, **patient}
    )
    if not _has_debugpy(python):
        line = f"debug: breakpoint() in the {which} opens pdb here"
        return replace(settings, terminal=f"egg-{which}"), line
    port = _port(which, environ)
    unit, arguments = _UNITS[which]
    argv = (
        *(python, "-P", "-m", "debugpy", "--listen", f"127.0.0.1:{port}"),
        *("-m", f"eggd.process.{which}", *arguments),
    )
    command = {**settings.command, unit: argv}
    line = f"debug: the {which} listens for a debugger (debugpy) on 127.0.0.1:{port}"
    return replace(settings, command=command), line


def _interpreter(settings: Settings) -> str:
    """Returns the app's own: a process that replaces itself by it would lose its debugger."""
    app_python = Path(settings.base_dir, ".venv", "bin", "python")
    return str(app_python) if app_python.exists() else settings.python


def _has_debugpy(python: str) -> bool:
    done = subprocess.run(
        [python, "-P", "-c", "import debugpy"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _port(which: str, environ: Mapping[str, str]) -> int:
    variable, default = PORTS[which]
    text = environ.get(variable) or str(default)
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise VariableError(f"{variable} must be a port from 1 to 65535, not {text!r}")
    return int(text)
