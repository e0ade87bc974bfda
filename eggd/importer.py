"""Imports files by path; failures name file and line.

Files of load units have no import name: two units may contain the same relative path, and a file
name may contain a dash (core:DIR-1, core:X-11).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

from eggd.errors import EggError
from eggd.failure import load_error

Observer = Callable[[Path], AbstractContextManager[None]]
"""Returns the context in which a file is imported, to time it."""

_observer: ContextVar[Observer] = ContextVar("observer", default=lambda path: nullcontext())
_RACY = 2.0
"""Seconds: bytecode stores the time of a change without its fraction."""
_PREFIX = "_eggd_units"


def import_file(path: Path, unit: str) -> ModuleType:
    """Returns the module of `path`, executed once per process; raises LoadError with file and line.

    It is never reloaded: new code needs a new process. `unit` distinguishes the module names of
    load units.
    """
    name = _module_name(path, unit)
    known = sys.modules.get(name)
    if known is not None:
        return known
    loader = _Loader(name, str(path))
    spec = ModuleSpec(name, loader, origin=str(path))
    module = importlib.util.module_from_spec(spec)
    # Set after module_from_spec: it would look for the bytecode, as the loader does again.
    spec.has_location = True
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        with _observer.get()(path):
            loader.exec_module(module)
    except EggError:
        del sys.modules[name]
        raise
    except (Exception, SystemExit) as exc:
        del sys.modules[name]
        raise load_error(exc, path) from exc
    return module


def import_named(name: str, path: Path) -> ModuleType:
    """Returns the module of a package by its import name; raises LoadError with file and line.

    `path` is its file, which an error names if no frame is in the package.
    """
    try:
        return importlib.import_module(name)
    except EggError:
        raise
    except (Exception, SystemExit) as exc:
        raise load_error(exc, path) from exc


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Calls `observer` for every file that is imported inside."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)


class _Loader(SourceFileLoader):
    """Stores no bytecode of a file that was changed just now.

    Bytecode is matched with its source by size and second of change: another change within that
    second would never be read.
    """

    def set_data(self, path: str, data: bytes, *, _mode: int = 0o666) -> None:  # type: ignore[override]
        if time.time() - os.stat(self.path).st_mtime > _RACY:
            super().set_data(path, data, _mode=_mode)


def _module_name(path: Path, unit: str) -> str:
    """Returns a unique name for a path, without a dot, so that pickle finds the module."""
    return f"{_PREFIX}:{unit}:{str(path).removesuffix('.py')}".replace(".", "_")
