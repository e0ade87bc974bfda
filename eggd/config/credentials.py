"""`credential(name)`: a secret from systemd, a file or an environment variable.

The first of these places that has it decides:

    $CREDENTIALS_DIRECTORY/<name>     LoadCredential= and the like (systemd.exec(5))
    EGG_CREDENTIAL_<NAME>_FILE        names a file, such as a secret of Docker or Kubernetes
    EGG_CREDENTIAL_<NAME>             holds the value itself
    <app>/.credentials/<name>         only in local and unittest; mode 0600
    ~/.config/eggd/credentials/<name> for suites without systemd; mode 0600

The value is UTF-8 text of at most 1 MiB; one line break at its end is removed. From the first call
on it is masked in dumps, logs, errors and error pages (`eggd.masking.known`).
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, overload

from eggd.errors import CredentialError
from eggd.masking.known import remember
from eggd.smallfile import read_small
from eggd.spelling import suggestion_or_list

DIRECTORY = "CREDENTIALS_DIRECTORY"
"""The variable with the directory of the credentials that a process was given."""
HANDED = "EGGD_CREDENTIALS_OF"
"""The variable that names where root has found the credentials in that directory."""
PREFIX, OF_FILE = "EGG_CREDENTIAL_", "_FILE"
"""Prefix and suffix of a name in the variables of a credential."""
LOCAL = ".credentials"
"""The folder of an app with its credentials for local and unittest."""
LOCAL_ENVS = ("local", "unittest")
OF_USER = "eggd/credentials"
"""The folder of a user's credentials, below $XDG_CONFIG_HOME (default: ~/.config)."""
LIMIT = 1 << 20
"""The most bytes of a credential, as in systemd."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NAME_HINT = "1 to 100 letters, digits, '.', '_' and '-', the first a letter or digit"
_MISSING = object()

_Default = TypeVar("_Default")


@dataclass(frozen=True, slots=True)
class UnitCredentials:
    """The credentials that the host's units load, for a command that runs outside them."""

    origins: Mapping[str, str] = field(default_factory=dict)
    """The unit file that loads each credential, by name."""
    placeholders: bool = False
    """Whether `credential` returns a placeholder for one of them that this process cannot read."""
    replaced: set[str] = field(default_factory=set)
    """The names for which it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The places that `credential` searches, besides the process's own directory of credentials."""

    environ: Mapping[str, str]
    """The environment variables of the process."""
    base_dir: Path | None = None
    """The app's folder; None without an app."""
    env: str = ""
    """The environment; empty without an app."""
    env_origin: str = ""
    """The source of `env`, as an error names it."""
    units: UnitCredentials = field(default_factory=UnitCredentials)
    """The credentials that the units of this host load."""

    @property
    def local(self) -> Path | None:
        """The folder of the app's own credentials; None in environments that do not read it."""
        if self.base_dir is None or self.env not in ("", *LOCAL_ENVS):
            return None
        return self.base_dir / LOCAL


class _Lookup:
    """The places of the app that this process loads, and what its config has read."""

    def __init__(self) -> None:
        # None until an app is loaded: the environment of the process.
        self.places: Places | None = None
        # Whether the config files are read at the moment.
        self.in_config = False
        # By name; "" for a missing one. Agent and workers read the same files.
        self.of_config: dict[str, str] = {}


_lookup = _Lookup()


@contextmanager
def config_files_read(places: Places) -> Iterator[None]:
    """Looks in these places from now on, and notes what is read inside."""
    _lookup.places, _lookup.in_config = places, True
    try:
        yield
    finally:
        _lookup.in_config = False


def values_of_config() -> dict[str, str]:
    """Returns the credentials that the config files of this process have read, by name."""
    return dict(_lookup.of_config)


@overload
def credential(name: str) -> str: ...
@overload
def credential(name: str, *, default: _Default) -> str | _Default: ...
def credential(name: str, *more: object, **options: object) -> object:
    """Returns the secret of this name, as text without the line break at its end.

    `default` is returned if no place has it. Raises CredentialError for a missing credential
    without a default, and for one that cannot be read or is not text; the message names the caller,
    and never the value.
    """
    places = _lookup.places or Places(environ=os.environ)
    try:
        check_name(name)
        default = _default(name, more, options)
        value = _value(name, places)
        if _lookup.in_config:
            _lookup.of_config[name] = value or ""
        if value is not None:
            remember(value)
            return value
        if name in places.units.origins:
            return _placeholder(name, places.units)
        if default is not _MISSING:
            return default
        raise _missing(name, places)
    except CredentialError as exc:
        frame = sys._getframe(1)
        where = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        raise CredentialError(f"{where}: {exc.message}", hint=exc.hint) from None


def _default(name: str, more: tuple[object, ...], options: Mapping[str, object]) -> object:
    """Returns the default. Raises CredentialError for other arguments, without their values."""
    if more:
        raise CredentialError(
            f"credential({name!r}) takes no second argument", hint="name it: default=..."
        )
    for option in options.keys() - {"default"}:
        hint = suggestion_or_list(option, ["default"], "options")
        raise CredentialError(f"credential({name!r}): {option}: unknown option", hint=hint)
    return options.get("default", _MISSING)


def check_name(name: str) -> None:
    """Raises CredentialError for a name that eggd or systemd would not accept."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise CredentialError(f"{name!r} is not a name of a credential", hint=_NAME_HINT)
    if variable(name).endswith(OF_FILE):
        raise CredentialError(
            f"{name!r} is not a name of a credential",
            hint=f"a variable that ends in {OF_FILE} names a file; choose a name without 'file'",
        )


def variable(name: str) -> str:
    """Returns the variable of a credential: EGG_CREDENTIAL_DB_PASSWORD of `db-password`."""
    return PREFIX + re.sub("[^A-Za-z0-9]", "_", name).upper()


def text_of(content: bytes, what: str) -> str:
    """Returns the text of a credential; raises CredentialError if it is not usable text."""
    if len(content) > LIMIT:
        raise CredentialError(f"{what} is larger than {LIMIT} bytes")
    try:
        text = content.decode()
    except UnicodeDecodeError as exc:
        raise CredentialError(
            f"{what} is not UTF-8 text (byte {exc.start})", hint="encode it, for example as base64"
        ) from None
    if "\0" in text:
        raise CredentialError(f"{what} has a NUL character")
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise CredentialError(f"{what} is empty")
    return text


def _value(name: str, places: Places) -> str | None:
    """Returns the value in the first place that has the credential; None if no place has it."""
    environ, key = places.environ, variable(name)
    if directory := environ.get(DIRECTORY):
        value = _content(name, Path(directory, name), optional=True)
        if value is not None:
            return value
    if file := environ.get(f"{key}{OF_FILE}"):
        return _content(name, Path(file), variable=f"{key}{OF_FILE}")
    if key in environ:
        return text_of(environ[key].encode(errors="surrogateescape"), f"credential {name} in {key}")
    for folder in _folders(places):
        value = _content(name, folder / name, optional=True)
        if value is not None:
            refuse_open(folder / name, f"credential {name} in {folder / name}")
            return value
    return None


def _folders(places: Places) -> Iterator[Path]:
    if places.local is not None:
        yield places.local
    if (folder := user_folder(places.environ)) is not None:
        yield folder


def user_folder(environ: Mapping[str, str]) -> Path | None:
    """Returns the folder of the user's credentials; None without a home directory."""
    home = environ.get("HOME", "")
    config = environ.get("XDG_CONFIG_HOME") or f"{home or '.'}/.config"
    return Path(config, OF_USER) if config.startswith("/") else None


def _content(name: str, path: Path, *, optional: bool = False, variable: str = "") -> str | None:
    """Returns the text of a file; None for an `optional` one that does not exist."""
    what = f"credential {name} in {path}"
    try:
        return text_of(read_small(path, LIMIT), what)
    except OSError as exc:
        if optional and isinstance(exc, FileNotFoundError | NotADirectoryError):
            if not path.is_symlink():
                return None
        hint = f"{variable} names this file" if variable else ""
        raise unreadable(what, exc, hint) from None


def unreadable(what: str, error: OSError, hint: str = "") -> CredentialError:
    """Returns the error for a file of a credential that cannot be read."""
    if isinstance(error, FileNotFoundError) and os.path.islink(error.filename):
        return CredentialError(
            f"{what}: the link leads to no file", hint=f"correct or remove {error.filename}"
        )
    reason = error.strerror or str(error)
    colon = "" if reason.startswith("is ") else ":"
    return CredentialError(f"{what}{colon} {reason}", hint=hint)


def refuse_open(path: Path, what: str) -> None:
    """Raises CredentialError if other users may access a file or folder of credentials."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise CredentialError(
            f"{what}: other users may access it (mode {mode:04o})",
            hint=f"chmod {mode & 0o700:03o} {path}",
        )


def _placeholder(name: str, units: UnitCredentials) -> str:
    if not units.placeholders:
        raise CredentialError(
            f"credential {name} is set for the service in {units.origins[name]}, and is not"
            " readable here",
            hint="run it as root",
        )
    units.replaced.add(name)
    value = f"credential-{name}-is-not-readable-here"
    remember(value)
    return value


def _missing(name: str, places: Places) -> CredentialError:
    key, environ = variable(name), places.environ
    directory = environ.get(HANDED) or environ.get(DIRECTORY)
    searched = [*([directory] if directory else []), f"{key}{OF_FILE}", key]
    # A unit with credentials has no folder of a user, and the line need not name it.
    folders = [each for each in _folders(places) if not directory or each.is_dir()]
    searched += map(str, folders)
    local = " --local" if places.local is not None else ""
    env = f" in env {places.env}, from {places.env_origin or 'the default'}" if places.env else ""
    return CredentialError(
        f"credential {name} is missing{env}: it is not in {', '.join(searched[:-1])} or"
        f" {searched[-1]}{_unread(name, places)}",
        hint=f"run 'eggd credential set {name}{local}'",
    )


def _unread(name: str, places: Places) -> str:
    """Returns a clause if the app itself has the credential, but this environment ignores it."""
    if places.base_dir is None or places.local is not None:
        return ""
    if not (places.base_dir / LOCAL / name).exists():
        return ""
    return f"; {LOCAL}/{name} is read in {' and '.join(LOCAL_ENVS)} only; this is {places.env}"
