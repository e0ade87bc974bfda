"""/etc/default/eggd, read once more by those it configures: a typing error must not pass silently.

systemd's EnvironmentFile= ignores what it cannot read, so the host would come up as something else
than was asked for. Variables that are not EGG_* are the app's own and free.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eggd.errors import BootError
from eggd.suite.variables import KNOWN, PREFIX, hint
from eggd.wire.envfile import Assignment, EnvFileError, parse

DEFAULTS = Path("/etc/default/eggd")
"""Where the units' EnvironmentFile= points."""


def location(environ: Mapping[str, str]) -> Path:
    """Returns the file that EGG_DEFAULTS names, else DEFAULTS."""
    return Path(environ.get("EGG_DEFAULTS") or DEFAULTS)


def check(path: Path = DEFAULTS) -> dict[str, str]:
    """Returns what the file sets; the last of a key wins. Raises BootError at the first bad line.

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
        raise BootError(f"{path}:{each.line}: {each.key}: no such key", hint=hint(each.key))
    return each
