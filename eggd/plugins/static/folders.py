"""The prefixes of the section `static`, each with its folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeGuard

from eggd import ConfigError, suggestion
from eggd.plugins.static.names import is_visible

_KEYS = ("prefix", "dir")
_NAME = r"[A-Za-z0-9_~!$&'()*+,;=@-][A-Za-z0-9._~!$&'()*+,;=@-]*"
_PREFIX = re.compile(rf"/(?:{_NAME}/)*")

Folders = Mapping[str, Sequence[Path]]
"""The folders of each prefix, in their order."""


def folders_of(prefix: str, dirs: object, base: Path) -> Folders:
    """Returns the folders of each prefix, as absolute paths (core:ST-1).

    Raises ConfigError for a prefix that is not a path between slashes, an unknown key, and an entry
    that is neither text, nor a path, nor a mapping.
    """
    _check_prefix(prefix)
    folders: dict[str, list[Path]] = {}
    for entry in dirs if isinstance(dirs, list | tuple) else [dirs]:
        at, folder = _entry(entry, prefix)
        _check_prefix(at, "dir")
        folders.setdefault(at, []).append(base / folder)
    if not folders:
        raise ConfigError("static.dir is empty", hint="switch static off in config/plugin.py")
    return folders


def _entry(entry: object, prefix: str) -> tuple[str, str | Path]:
    if isinstance(entry, Mapping):
        unknown = next((key for key in entry if key not in _KEYS), None)
        if unknown is not None:
            raise ConfigError(
                f"static.dir: {entry!r}: unknown key {unknown!r}",
                hint=suggestion(str(unknown), _KEYS) or "prefix and dir",
            )
        at, folder = entry.get("prefix", prefix), entry.get("dir")
        if isinstance(at, str) and _is_path(folder):
            return at, folder
    elif _is_path(entry):
        return prefix, entry
    raise ConfigError(
        f"static.dir: {entry!r} is not a folder", hint="text, or {'prefix': '/lib/', 'dir': 'lib'}"
    )


def _is_path(value: object) -> TypeGuard[str | Path]:
    return isinstance(value, str | Path) and str(value) not in ("", ".", "/")


def _check_prefix(prefix: str, key: str = "prefix") -> None:
    if _PREFIX.fullmatch(prefix):
        return
    likely = f"/{prefix.strip('/')}/".replace("//", "/")
    if _PREFIX.fullmatch(likely) or not (prefix.startswith("/") and prefix.endswith("/")):
        raise ConfigError(
            f"static.{key}: {prefix!r} is not a path that begins and ends with a slash",
            hint=repr(likely if _PREFIX.fullmatch(likely) else "/public/"),
        )
    name = next(each for each in prefix[1:-1].split("/") if not re.fullmatch(_NAME, each))
    raise ConfigError(
        f"static.{key}: {prefix!r} cannot have the part {name!r}",
        hint="between slashes use letters, digits, '-', '_', and '.' unless it is the first",
    )


def check_accel(location: str, folders: Folders, *, proxy: bool) -> None:
    """Checks `static.accel`, nginx's location.

    Raises ConfigError for one that is not a path between slashes, without `proxy`, and for a prefix
    with several folders, as nginx has one folder for a location.
    """
    _check_prefix(location, "accel")
    if not proxy:
        raise ConfigError("static.accel has no effect without proxy", hint="set proxy to True")
    for prefix, paths in folders.items():
        if len(paths) > 1:
            raise ConfigError(
                f"static.accel: the prefix {prefix!r} has {len(paths)} folders",
                hint="give each folder a prefix of its own",
            )


def missing(folders: Folders) -> Path | None:
    """Returns the first folder that does not exist."""
    every = (folder for paths in folders.values() for folder in paths)
    return next((folder for folder in every if not folder.is_dir()), None)


def refuse_config(folders: Folders, base: Path) -> None:
    """Raises ConfigError for a folder that contains files of the app's config, or is one of it."""
    config = (base / "config").resolve()
    for folder in (each for paths in folders.values() for each in paths):
        real = folder.resolve()
        if config.is_relative_to(real) or real.is_relative_to(config):
            raise ConfigError(
                f"static.dir: {folder} would serve the app's config",
                hint="serve a folder that has nothing else in it, such as app/public",
            )


def refuse_hidden(folders: Folders) -> None:
    """Raises ConfigError for a prefix that hides files of a shorter one, which are never served."""
    for long in folders:
        for short, paths in folders.items():
            if short == long or not long.startswith(short):
                continue
            for folder in paths:
                hidden = folder / long.removeprefix(short)
                if hidden.exists():
                    raise ConfigError(
                        f"static.dir: the prefix {long!r} hides {hidden}, which {short!r} serves",
                        hint="rename one of them",
                    )


def refuse_names(option: str, names: Iterable[str], folders: Folders) -> None:
    """Raises ConfigError for a name in an option that no file can have, or that no file has."""
    every = [folder for paths in folders.values() for folder in paths]
    for name in names:
        _check_name(option, name)
        if not any((folder / name).is_file() for folder in every):
            raise ConfigError(f"static.{option}: {name!r} does not exist in {every[0]}")


def refuse_aliases(alias: Mapping[str, str], folders: Folders) -> None:
    """Raises ConfigError for an alias, or the name that it stands for, that no file can have."""
    for name in alias:
        _check_name("alias", name, may_be_folder=True)
    refuse_names("alias", alias.values(), folders)


def _check_name(option: str, name: str, *, may_be_folder: bool = False) -> None:
    bare = name.removesuffix("/") if may_be_folder else name
    if not (is_visible(os.fsencode(bare)) or (may_be_folder and not name)):
        raise ConfigError(
            f"static.{option}: {name!r} is not the name of a file",
            hint="a path relative to the folder, such as 'img/logo.png'",
        )
