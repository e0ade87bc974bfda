"""The requirements of a release, which pip installs in its own virtual environment.

requirements.txt wins; without it `dependencies` of pyproject.toml count. eggd itself, and what it
depends on, comes from Debian: the environment sees the system's packages.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from eggd.errors import ConfigError, ProgramError, ReleaseError
from eggd.host.release.child import run_as
from eggd.host.release.owner import own
from eggd.loader.metadata import pyproject

FILE = "requirements.txt"
VENV = ".venv"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_KEPT = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_PROXIES = re.compile(r"(?:https?|all|no)_proxy", re.IGNORECASE)


def requirements(folder: Path) -> list[str]:
    """Returns the arguments for pip; [] if the release needs nothing but eggd.

    Raises ConfigError for `dependencies` that are not a list of texts.
    """
    file = folder / FILE
    if file.is_file():
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        needed = any(line.strip() and not line.strip().startswith("#") for line in lines)
        return ["--requirement", str(file)] if needed else []
    declared = [each for each in _declared(folder) if _project(each) != "eggd"]
    return ["--", *declared] if declared else []


def install(
    folder: Path,
    user: pwd.struct_passwd,
    wheelhouse: Path | None,
    progress: Callable[[str], None],
) -> bool:
    """Creates `.venv` in a release and installs its requirements, as the service user.

    With `wheelhouse`, a folder of packages, no network is used. Returns False if nothing is
    required. Raises ReleaseError if the environment cannot be made, or a requirement not be met.
    """
    needed = requirements(folder)
    if not needed:
        return False
    venv = folder / VENV
    with tempfile.TemporaryDirectory(prefix="eggd-deploy-") as scratch:
        for each in (venv, Path(scratch)):
            each.mkdir(exist_ok=True)
            os.chown(each, *_owner(user))
        source = _source(wheelhouse, Path(scratch))
        environ = _environ(os.environ, scratch)
        try:
            create = [sys.executable, "-P", "-m", "venv", "--system-site-packages", str(venv)]
            run_as(user, create, cwd=folder, environ=environ, progress=progress)
            pip = [str(venv / "bin/python"), "-P", "-m", "pip", "install", "--quiet", *source]
            run_as(user, [*pip, *needed], cwd=folder, environ=environ, progress=progress)
        except ProgramError as exc:
            raise ReleaseError(f"the requirements cannot be installed: {exc.message}") from exc
    own(venv)
    return True


def check_venv() -> None:
    """Raises ReleaseError if Debian's python3-venv is not installed."""
    try:
        import ensurepip  # noqa: F401 - Debian has it in a package of its own
    except ImportError as exc:
        raise ReleaseError(
            "the release has requirements, but python3-venv is not installed",
            hint="apt install python3-venv",
        ) from exc


def _declared(folder: Path) -> list[str]:
    project = pyproject(folder).get("project", {})
    declared = project.get("dependencies", []) if isinstance(project, dict) else []
    if not isinstance(declared, list) or not all(isinstance(each, str) for each in declared):
        raise ConfigError(
            f"{folder / 'pyproject.toml'}: project.dependencies must be a list of texts,"
            f" not {declared!r}"
        )
    return declared


def _project(requirement: str) -> str:
    """Returns the name of a requirement in normal form (PEP 503)."""
    match = _NAME.match(requirement.strip())
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def _source(wheelhouse: Path | None, scratch: Path) -> list[str]:
    """Returns pip's options for a wheelhouse; copies it, since the user may not enter /root."""
    if wheelhouse is None:
        return []
    copy = scratch / "wheelhouse"
    try:
        copy.mkdir(mode=0o755)
        for file in sorted(wheelhouse.iterdir()):
            if file.is_file():
                shutil.copyfile(file, copy / file.name)
                (copy / file.name).chmod(0o644)
    except OSError as exc:
        raise ReleaseError(f"--wheelhouse: {exc.filename}: {exc.strerror}") from exc
    copy.chmod(0o755)
    return ["--no-index", "--find-links", str(copy)]


def _owner(user: pwd.struct_passwd) -> tuple[int, int]:
    return (user.pw_uid, user.pw_gid) if os.geteuid() == 0 else (-1, -1)


def _environ(environ: Mapping[str, str], scratch: str) -> dict[str, str]:
    kept = {
        key: value
        for key, value in environ.items()
        if key in _KEPT or key.startswith("PIP_") or _PROXIES.fullmatch(key)
    }
    pip = {"PIP_NO_INPUT": "1", "PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {**kept, **pip, "HOME": scratch, "TMPDIR": scratch}
