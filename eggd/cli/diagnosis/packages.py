"""Python, systemd and the libraries that eggd needs, in the versions that it needs."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from eggd.cli.diagnosis.finding import FAIL, OK, WARN, Finding, Place
from eggd.smallfile import read_small

PYTHON = (3, 11)
SYSTEMD = 252
"""Debian 12's: the oldest one that the units are tested with."""

_NEED = re.compile(r"([A-Za-z0-9._-]+)\s*(?:>=\s*([0-9.]+))?$")


def python(place: Place) -> Iterator[Finding]:
    """The interpreter that this command runs on."""
    state = OK if sys.version_info >= PYTHON else FAIL
    cure = "" if state == OK else f"{'.'.join(map(str, PYTHON))} or newer"
    yield Finding(state, "python", f"{platform.python_version()} ({sys.executable})", cure)


def systemd(place: Place) -> Iterator[Finding]:
    """The service manager, where there is one."""
    if not place.path("/run/systemd/system").is_dir():
        yield Finding(OK, "systemd", "does not run this host: eggd start is the supervisor")
        return
    version = systemd_version()
    old = version is not None and version < SYSTEMD
    yield Finding(
        FAIL if old else OK,
        "systemd",
        str(version or "of an unknown version"),
        f"{SYSTEMD} or newer: Debian 12 has 252" if old else "",
    )


def systemd_version() -> int | None:
    """Returns the number of `systemctl --version`, None where it says none."""
    try:
        done = subprocess.run(
            ["systemctl", "--version"], capture_output=True, encoding="utf-8", check=False
        )
    except OSError:
        return None
    found = re.match(r"systemd (\d+)", done.stdout)
    return int(found[1]) if found else None


def libraries(place: Place) -> Iterator[Finding]:
    """What eggd cannot run without, where the app's interpreter finds it; one line if all is."""
    path, needs = search_path(place), needed()
    wrong = [each for each in (library(need, path) for need in needs) if each.state != OK]
    yield from wrong
    if not wrong:
        yield Finding(OK, "libraries", f"all {len(needs)} are there")
    fast = library("orjson", path)
    why = "JSON is read and written by the standard library: slower, and right"
    yield fast if fast.state == OK else Finding(OK, "orjson", why)


def search_path(place: Place) -> list[str]:
    """Returns where the app's processes find packages: its .venv, as that is made, or as we do."""
    folder = None if place.base_dir is None else place.base_dir / ".venv"
    sites = [] if folder is None else [str(f) for f in folder.glob("lib/python3*/site-packages")]
    try:
        made = read_small(folder / "pyvenv.cfg").decode(errors="replace") if folder else ""
    except OSError:
        made = ""
    alone = bool(sites) and "include-system-site-packages = true" not in made.lower()
    return sites if alone else [*sites, *sys.path]


def needed() -> list[str]:
    """Returns eggd's own requirements, from its metadata or, in a checkout, its pyproject.toml."""
    import eggd

    project = Path(eggd.__file__).parents[1] / "pyproject.toml"
    if project.is_file():
        import tomllib

        return list(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])
    try:
        found = metadata.requires("eggd") or []
    except metadata.PackageNotFoundError:
        return []
    return [each for each in found if "extra ==" not in each]


def library(need: str, path: list[str]) -> Finding:
    """Returns whether a requirement such as `click>=8.1` is met on a search path."""
    found = _NEED.match(need)
    name, least = (found[1], found[2] or "0") if found else (need, "0")
    cure = f"pip install '{need}', or apt install python3-{name}"
    there = next(iter(metadata.Distribution.discover(name=name, path=path)), None)
    if there is None:
        return Finding(FAIL, name, "is not installed", cure)
    if numbers(there.version) < numbers(least):
        return Finding(FAIL, name, f"{there.version} is older than {least}", cure)
    return Finding(OK, name, there.version)


def numbers(version: str) -> list[int]:
    """Returns the leading numbers of a version, to compare by."""
    return [int(each) for each in re.findall(r"\d+", version.partition("+")[0])[:3]]


def versions(place: Place) -> Iterator[Finding]:
    """The eggd of the app's .venv beside the one that asks."""
    if place.base_dir is None:
        return
    for file in place.base_dir.glob(".venv/lib/python3*/site-packages/eggd-*.dist-info"):
        from eggd.version import __version__

        other = file.name.removeprefix("eggd-").removesuffix(".dist-info")
        same = other == __version__
        yield Finding(
            OK if same else WARN,
            "eggd of .venv",
            other,
            "" if same else f"this is {__version__}: pip install --upgrade eggd there",
        )
