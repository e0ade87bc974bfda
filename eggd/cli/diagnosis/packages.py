"""Python, systemd and the libraries that eggd needs, and their versions."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from eggd.cli.diagnosis.finding import FAIL, OK, WARN, Finding, InspectedHost
from eggd.smallfile import read_small
from eggd.version import __version__

PYTHON = (3, 11)
SYSTEMD = 252
"""The oldest version that the units are tested with: Debian 12's."""

_NEED = re.compile(r"([A-Za-z0-9._-]+)\s*(?:>=\s*([0-9.]+))?$")


def python(host: InspectedHost) -> Iterator[Finding]:
    """Checks the interpreter of this command."""
    text = f"{platform.python_version()} ({sys.executable})"
    hint = f"install Python {'.'.join(map(str, PYTHON))} or newer"
    yield Finding.of(sys.version_info >= PYTHON, "python", text, hint)


def systemd(host: InspectedHost) -> Iterator[Finding]:
    """Checks the version of systemd."""
    if not host.path("/run/systemd/system").is_dir():
        yield Finding(OK, "systemd", "is not running: eggd start uses its own supervisor")
        return
    version = systemd_version()
    new = version is None or version >= SYSTEMD
    hint = f"upgrade to {SYSTEMD} or newer (Debian 12)"
    yield Finding.of(new, "systemd", str(version or "unknown version"), hint)


def systemd_version() -> int | None:
    """Returns the version of `systemctl --version`, None if it is unknown."""
    try:
        done = subprocess.run(
            ["systemctl", "--version"], capture_output=True, encoding="utf-8", check=False
        )
    except OSError:
        return None
    match = re.match(r"systemd (\d+)", done.stdout)
    return int(match[1]) if match else None


def libraries(host: InspectedHost) -> Iterator[Finding]:
    """Checks the required libraries of the app's interpreter; one finding if all are good."""
    path, needs = search_path(host), needed()
    wrong = [each for each in (library(need, path) for need in needs) if each.state != OK]
    yield from wrong
    if not wrong:
        yield Finding(OK, "libraries", f"all {len(needs)} are installed")
    yield fast_json(path)


def fast_json(path: list[str]) -> Finding:
    """Returns the library that writes JSON, the first of those that are installed."""
    for name in ("orjson", "python-rapidjson"):
        finding = library(name, path)
        if finding.state == OK:
            return finding
    why = "is not installed, nor python-rapidjson (optional): JSON uses the slower standard library"
    return Finding(OK, "orjson", why)


def search_path(host: InspectedHost) -> list[str]:
    """Returns the import path of the app's processes: of its .venv, or of this process."""
    folder = None if host.base_dir is None else host.base_dir / ".venv"
    sites = [] if folder is None else [str(f) for f in folder.glob("lib/python3*/site-packages")]
    try:
        settings = read_small(folder / "pyvenv.cfg").decode(errors="replace") if folder else ""
    except OSError:
        settings = ""
    alone = bool(sites) and "include-system-site-packages = true" not in settings.lower()
    return sites if alone else [*sites, *sys.path]


def needed() -> list[str]:
    """Returns eggd's own requirements, from its metadata or, in a checkout, its pyproject.toml."""
    import eggd

    project = Path(eggd.__file__).parents[1] / "pyproject.toml"
    if project.is_file():
        import tomllib

        return list(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])
    try:
        requirements = metadata.requires("eggd") or []
    except metadata.PackageNotFoundError:
        return []
    return [each for each in requirements if "extra ==" not in each]


def library(need: str, path: list[str]) -> Finding:
    """Checks a requirement such as `click>=8.1` on a search path."""
    match = _NEED.match(need)
    name, min_version = (match[1], match[2] or "0") if match else (need, "0")
    hint = f"run pip install '{need}', or apt install python3-{name}"
    installed = next(iter(metadata.Distribution.discover(name=name, path=path)), None)
    if installed is None:
        return Finding(FAIL, name, "is not installed", hint)
    if numbers(installed.version) < numbers(min_version):
        return Finding(FAIL, name, f"{installed.version} is older than {min_version}", hint)
    return Finding(OK, name, installed.version)


def numbers(version: str) -> list[int]:
    """Returns the first three numbers of a version, for comparison."""
    return [int(each) for each in re.findall(r"\d+", version.partition("+")[0])[:3]]


def versions(host: InspectedHost) -> Iterator[Finding]:
    """Checks that the eggd in the app's .venv has the version of this command."""
    if host.base_dir is None:
        return
    for file in host.base_dir.glob(".venv/lib/python3*/site-packages/eggd-*.dist-info"):
        other = file.name.removeprefix("eggd-").removesuffix(".dist-info")
        hint = f"run pip install --upgrade eggd in .venv: this is {__version__}"
        yield Finding.of(other == __version__, "eggd of .venv", other, hint, bad=WARN)
