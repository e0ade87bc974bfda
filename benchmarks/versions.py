"""The compared versions, and the machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import distributions, version
from pathlib import Path

from eggd.version import __version__

_NPM = {"egg": ("egg",), "koa": ("koa",), "fastify": ("fastify",),
        "koa-full": ("koa-session", "koa-helmet", "koa-csrf")}  # fmt: skip
_PYPI = {"starlette": ("starlette", "uvicorn", "uvloop", "httptools"), "eggd+orjson": ("orjson",),
         "granian": ("granian", "uvloop")}  # fmt: skip


def versions(homes: Mapping[str, Path]) -> dict[str, str]:
    """Returns the version of every program, by where the peers were installed."""
    numbers = {"eggd": __version__, "python": platform.python_version()}
    numbers |= {name: version(name) for name in ("uvloop", "tornado", "python-rapidjson")}
    for peer, home in homes.items():
        numbers |= _npm(home, _NPM.get(peer, ())) | _pypi(home, _PYPI.get(peer, ()), peer)
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return {
        **numbers,
        "node": node.stdout.strip().removeprefix("v"),
        "kernel": platform.release(),
        "cpus": str(len(os.sched_getaffinity(0))),
    }


def _npm(home: Path, names: tuple[str, ...]) -> dict[str, str]:
    files = {name: home / "node_modules" / name / "package.json" for name in names}
    return {name: json.loads(file.read_text())["version"] for name, file in files.items()}


def _pypi(home: Path, names: tuple[str, ...], peer: str) -> dict[str, str]:
    """Returns what is of PyPI; of what is Debian's, too, it says whose."""
    where = [str(home), *map(str, home.glob("lib/python3*/site-packages"))]
    installed = {each.metadata["Name"].lower(): each.version for each in distributions(path=where)}
    taken = {"uvloop"}
    return {f"{peer}'s {name}" if name in taken else name: installed[name] for name in names}
