"""/etc/default/eggd, read once more by those it configures: a typing error must not pass silently.

systemd's EnvironmentFile= ignores what it cannot read, so the host would come up as something else
than was asked for. Variables that are not EGG_* are the app's own and free.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from eggd.errors import BootError
from eggd.wire.envfile import Assignment, EnvFileError, parse
from eggd.wire.slots import MIN_READY_KEY

DEFAULTS = Path("/etc/default/eggd")
"""Where the units' EnvironmentFile= points."""

PREFIX = "EGG_"

KNOWN = {
    "EGG_BASE_DIR": "directory of the app, absolute; the packaged welcome app when not set",
    "EGG_SERVER_ENV": "environment of the config (prod, local, unittest, ...); the units say prod",
    "EGG_SERVER_SCOPE": "scope of the config (config_{scope}_{env}.py); none when not set",
    "EGG_APP_CONFIG": "a JSON object that is merged last over the config",
    "EGG_PLUGINS": "a JSON object that is merged last over the plugins",
    "EGG_FRAMEWORK": "package of the framework, instead of the one in the app's pyproject.toml",
    "EGG_LOG": "level of what goes to the journal at boot (DEBUG, INFO, WARN, ERROR)",
    MIN_READY_KEY: "seconds that a reload waits after each READY=1 before it goes on (0 to 10; 2)",
    "EGG_HOME": "home directory as the config sees it; that of the user when not set",
}
"""Every EGG_* key there is, with its help."""

_ELSEWHERE = {
    "EGG_PORT": "the address belongs to egg.socket: eggd listen [ADDRESS:]PORT",
    "EGG_LISTEN": "the address belongs to egg.socket: eggd listen [ADDRESS:]PORT",
    "EGG_WORKERS": "the number of workers is the number of enabled ones: eggd scale N",
}


def check(path: Path = DEFAULTS) -> dict[str, str]:
    """Return what the file sets, the last of a key winning; raise BootError at the first bad line.

    A file that is not there sets nothing, and neither does one that only root may read: root's
    own start (egg-master) has checked it.
    """
    text = _read(path)
    try:
        return {each.key: _known(path, each).value for each in parse(text)}
    except EnvFileError as exc:
        raise BootError(
            f"{path}:{exc.line}: {exc.problem}", hint="systemd.exec(5), EnvironmentFile="
        ) from exc


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="strict")
    except (FileNotFoundError, PermissionError):
        return ""
    except UnicodeDecodeError as exc:
        line = exc.object[: exc.start].count(b"\n") + 1
        raise BootError(f"{path}:{line}: not UTF-8 text") from exc
    except OSError as exc:
        raise BootError(f"{path}: {exc.strerror}") from exc


def _known(path: Path, each: Assignment) -> Assignment:
    if each.key.startswith(PREFIX) and each.key not in KNOWN:
        raise BootError(f"{path}:{each.line}: {each.key}: no such key", hint=_hint(each.key))
    return each


def _hint(key: str) -> str:
    if key in _ELSEWHERE:
        return _ELSEWHERE[key]
    near = difflib.get_close_matches(key, KNOWN, n=1)
    return f"did you mean {near[0]}?" if near else f"known keys: {', '.join(KNOWN)}"
