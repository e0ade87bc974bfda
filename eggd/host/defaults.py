"""Checks /etc/default/eggd: a misspelled setting must not be ignored silently.

systemd's EnvironmentFile= ignores invalid lines, so the suite would run with other settings than
intended. Variables that do not begin with EGG_ belong to the app and are not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eggd.errors import VariableError
from eggd.suite.close_timeout import VARIABLES, close_limit
from eggd.suite.min_ready import min_ready
from eggd.suite.names import SuiteNames
from eggd.suite.variables import KNOWN, OF_CREDENTIALS, PREFIX, hint
from eggd.wire.envfile import Assignment, parse
from eggd.wire.line_error import LineError


def location(environ: Mapping[str, str]) -> Path:
    """Returns the file that EGG_DEFAULTS names, else that of the application."""
    return Path(environ.get("EGG_DEFAULTS") or SuiteNames.chosen(environ).defaults)


def check(path: Path) -> dict[str, str]:
    """Returns the settings in the file; the last value of a key wins.

    Raises VariableError for the first invalid line or value. A missing file has no settings. Nor
    has one that only root may read: egg-master, which runs as root, checks it.
    """
    text = _read(path)
    try:
        return {each.key: _check(path, each).value for each in parse(text)}
    except LineError as exc:
        raise VariableError(
            f"{path}:{exc.line}: {exc.problem}", hint="systemd.exec(5), EnvironmentFile="
        ) from exc


def base_dir(names: SuiteNames) -> str:
    """Returns the app's folder in the file of settings, "" without one or for an invalid file."""
    try:
        return check(Path(names.defaults)).get("EGG_BASE_DIR", "")
    except VariableError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="strict")
    except (FileNotFoundError, PermissionError):
        return ""
    except UnicodeDecodeError as exc:
        line = exc.object[: exc.start].count(b"\n") + 1
        raise VariableError(f"{path}:{line}: not UTF-8 text") from exc
    except OSError as exc:
        raise VariableError(f"{path}: {exc.strerror}") from exc


def _check(path: Path, each: Assignment) -> Assignment:
    """Raises VariableError for an unknown key, or a value that eggd cannot use."""
    _check_name(path, each)
    try:
        _check_value(each)
    except VariableError as exc:
        raise VariableError(f"{path}:{each.line}: {exc.message}", hint=exc.hint) from exc
    return each


def _check_value(each: Assignment) -> None:
    alone = {each.key: each.value}
    min_ready(alone)
    for role in VARIABLES:
        close_limit(role, alone)
    if each.key == "EGG_BASE_DIR" and each.value and not Path(each.value).is_absolute():
        raise VariableError(f"{each.key} must be an absolute path, not {each.value!r}")


def _check_name(path: Path, each: Assignment) -> Assignment:
    if each.key.startswith(OF_CREDENTIALS):
        return _of_file(path, each)
    if each.key.startswith(PREFIX) and each.key not in KNOWN:
        raise VariableError(f"{path}:{each.line}: {each.key}: unknown key", hint=hint(each.key))
    return each


def _of_file(path: Path, each: Assignment) -> Assignment:
    """Refuses a secret in a file that all users may read."""
    if not each.key.endswith("_FILE"):
        raise VariableError(
            f"{path}:{each.line}: {each.key}: a secret does not belong in this file",
            hint=f"run 'eggd credential set NAME', or name a file with {each.key}_FILE",
        )
    return each
