"""Import a file by its path, under a name of its own, with failures that name file and line.

Files of units are loaded by path, not by import name: two units may hold the same relative path,
and a dash in a file name is legal (core:DIR-1 PORT, core:X-11).
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
"""Is asked for a context in which a file is then imported: for timing."""

_observer: ContextVar[Observer] = ContextVar("observer", default=lambda path: nullcontext())
_RACY = 2.0
_PREFIX = "_eggd_units"


def import_file(path: Path, unit: str) -> ModuleType:
    """Returns the module of `path`, executed once per process; raises LoadError with file and line.

    It is never reloaded: new code is a new process's (core:X-11). `unit` keeps the
    module names of different load units apart.
    """
    name = _module_name(path, unit)
    known = sys.modules.get(name)
    if known is not None:
        return known
    loader = _Loader(name, str(path))
    spec = ModuleSpec(name, loader, origin=str(path))
    module = importlib.util.module_from_spec(spec)
    # Only now, so that the place of the bytecode, which the loader finds again, is not looked for.
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

    `path` is its file, the place of a failure without a frame in the package.
    """
    try:
        return importlib.import_module(name)
    except EggError:
        raise
    except (Exception, SystemExit) as exc:
        raise load_error(exc, path) from exc


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Tells `observer` of every file that is imported inside."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)


class _Loader(SourceFileLoader):
    """Keeps no bytecode of a file that was changed just now.

    Bytecode is taken for a source's by its size and the second of its change: the next change
    within that second would never be read (core:X-11).
    """

    def set_data(self, path: str, data: bytes, *, _mode: int = 0o666) -> None:  # type: ignore[override]
        if time.time() - os.stat(self.path).st_mtime > _RACY:
            super().set_data(path, data, _mode=_mode)


def _module_name(path: Path, unit: str) -> str:
    """Returns a name that no other path has; without a dot, so that pickle can find it."""
    return f"{_PREFIX}:{unit}:{str(path).removesuffix('.py')}".replace(".", "_")
