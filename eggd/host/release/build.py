"""Makes a release of a folder or an archive. Nothing of it is in service before its record."""

from __future__ import annotations

import json
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from eggd.errors import DirectoryError, ReleaseError, ReportedError
from eggd.host.release import archive, folder
from eggd.host.release.dependencies import check_venv, install, requirements
from eggd.host.release.owner import own, remove
from eggd.host.release.unpack import unpack
from eggd.loader.metadata import app_name, pyproject

Progress = Callable[[str], None]


def copy(source: Path, target: Path) -> int:
    """Copies a folder, or extracts an archive, into a new directory; returns the number of files.

    Raises DirectoryError without the source, ReleaseError for a file that a release may not have,
    ConfigError for a wrong pyproject.toml, OSError with a path if the disk is full.
    """
    try:
        return _copy(source, target)
    except OSError as exc:
        if exc.filename is not None or exc.errno is None:
            raise
        raise OSError(exc.errno, exc.strerror, str(target)) from exc  # of write(2)


def _copy(source: Path, target: Path) -> int:
    target.mkdir(mode=0o755)
    if source.is_dir():
        if target.is_relative_to(source.resolve()):
            raise DirectoryError(f"{source}: contains the releases of this host")
        files = unpack(folder.entries(source), target)
    elif source.is_file():
        with archive.entries(source) as entries:
            files = unpack(entries, target)
    else:
        raise DirectoryError(f"{source}: is neither a directory nor an archive")
    _check_project(source, target)
    own(target)
    return files


def install_requirements(
    release: Path, user: pwd.struct_passwd, wheelhouse: Path | None, progress: Progress
) -> bool:
    """Installs the requirements; returns False if nothing is required. Raises as `install` does."""
    if not requirements(release):
        return False
    check_venv()
    return install(release, user, wheelhouse, progress)


def compile_bytecode(release: Path) -> None:
    """Compiles the app's own code: the service user may not write it. pip compiles the packages.

    A file that cannot be compiled is left to `check`, which reports it if the app loads it.
    """
    arguments = ["-m", "compileall", "-q", "-x", r"/\.venv/", str(release)]
    subprocess.run(
        [sys.executable, "-P", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd="/",
    )


def check(release: Path) -> list[str]:
    """Loads the app as a worker would, by `eggd check` as the service user; returns its warnings.

    Raises ReportedError with the first error of the app.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-m", "eggd", "check", str(release), "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
        cwd="/",
    )
    if done.returncode:
        line = (done.stderr.strip().splitlines() or ["eggd check failed"])[-1]
        raise ReportedError(line.removeprefix("error: ").replace(f"{release}/", ""))
    return [str(each) for each in json.loads(done.stdout)["warnings"]]


def names_of(release: Path) -> tuple[str, str]:
    """Returns name and version of a release's project, the version "" without one."""
    project = pyproject(release).get("project", {})
    version = project.get("version", "") if isinstance(project, dict) else ""
    return app_name(release), version if isinstance(version, str) else ""


@contextmanager
def removed_on_failure(release: Path) -> Iterator[None]:
    """Removes a release if the block fails, or is interrupted."""
    try:
        yield
    except BaseException:
        remove(release)
        raise


def _check_project(source: Path, target: Path) -> None:
    if not (target / "pyproject.toml").is_file():
        raise ReleaseError(
            f"{source} is not an app: pyproject.toml is missing",
            hint="give the directory of the app, or an archive of it",
        )
    app_name(target)
