"""The error that a failed hook stops the start with: the file and line to change, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from eggd.config import Config
from eggd.errors import ConfigError, EggError, HookError, LoadError
from eggd.failure import describe, is_own, plugin_hint, where


class ConfiguredBoot(Protocol):
    """The members of a boot that an error depends on."""

    @property
    def config(self) -> Config:
        """The app's config."""
        ...


def hook_error(exc: BaseException, boot: ConfiguredBoot, name: str, file: Path) -> EggError:
    """Returns the error of the hook `name` of a boot in `file` that raised `exc`.

    If a plugin of eggd complains about a key, the error names the file that sets the key: nothing
    can be changed in eggd's own file.
    """
    if isinstance(exc, LoadError) and exc.message.startswith("/"):  # it begins with a file
        return exc
    names_keys = isinstance(exc, ConfigError) and bool(exc.keys)
    if isinstance(exc, EggError) and (names_keys or is_own(file)):
        if place := boot.config.place_of(exc):
            return ConfigError(f"{place}: {exc.message}", hint=exc.hint)
    if isinstance(exc, ConfigError) and names_keys and is_own(file):
        return boot.config.locate(exc)
    return at_fault(exc, f"{type(boot).__name__}.{name}", file)


def at_fault(exc: BaseException, hook: str, file: Path) -> HookError:
    """Returns the error of a hook with the file and line of the code that raised `exc`."""
    if isinstance(exc, EggError):
        return HookError(f"{where(exc, file)}: {exc.message}", hint=exc.hint)
    line = f"{where(exc, file)}: {hook} failed: {describe(exc)}"
    return HookError(line, hint=plugin_hint(exc))
