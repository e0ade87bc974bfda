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
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

from eggd.errors import LONGEST, EggError, LoadError

Observer = Callable[[Path], AbstractContextManager[None]]
"""Is asked for a context in which a file is then imported: for timing."""

DEBUG = "EGGD_DEBUG"
"""Variable that adds tracebacks to one-line errors (core:CB-7)."""

_observer: ContextVar[Observer] = ContextVar("observer", default=lambda path: nullcontext())
_RACY = 2.0
_PREFIX = "_eggd_units"
_SITES = ("/site-packages/", "/dist-packages/")
_STDLIB = f"{os.path.dirname(os.__file__)}/"
_EGGD = f"{os.path.dirname(os.path.abspath(__file__))}/"


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
        raise LoadError(f"{where(exc, path)}: {describe(exc)}") from exc
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
        raise LoadError(f"{where(exc, path)}: {describe(exc)}") from exc


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Tells `observer` of every file that is imported inside."""
    token = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(token)


def describe(exc: BaseException) -> str:
    """Returns `Type: message` on one line without secrets.

    A syntax error's message does not repeat the location; a message is cut after LONGEST
    characters.
    """
    from eggd.masking.secrets import public_line  # compiles patterns: not for `eggd --help`

    text = exc.msg if isinstance(exc, SyntaxError) else str(exc)
    return public_line(f"{type(exc).__name__}: {text[:LONGEST]}").rstrip(":")


def trace(exc: BaseException, environ: Mapping[str, str]) -> str:
    """Returns the traceback of the cause of an error, as lines without secrets.

    Empty unless EGGD_DEBUG is set, and for an error that has no cause.
    """
    cause = exc.__cause__
    if cause is None or not environ.get(DEBUG):
        return ""
    from eggd.masking.secrets import without_secrets

    return without_secrets("".join(traceback.format_exception(cause)))


def where(exc: BaseException, path: Path) -> str:
    """Returns `file:line` of the deepest frame of `exc` in the code that `path` belongs to.

    Frames of Python, of installed packages and of eggd are skipped, unless `path` is one of their
    files. For a syntax error it is the place that the error names.
    """
    if isinstance(exc, SyntaxError) and exc.filename and os.path.isabs(exc.filename):
        return f"{exc.filename}:{exc.lineno}"
    owner = _owner(str(path))
    for frame in reversed(traceback.extract_tb(exc.__traceback__)):
        if frame.filename == str(path) or _owner(frame.filename) == owner:
            return f"{frame.filename}:{frame.lineno}"
    return str(path)


class _Loader(SourceFileLoader):
    """Keeps no bytecode of a file that was changed just now.

    Bytecode is taken for a source's by its size and the second of its change: the next change
    within that second would never be read (core:X-11).
    """

    def set_data(self, path: str, data: bytes, *, _mode: int = 0o666) -> None:  # type: ignore[override]
        if time.time() - os.stat(self.path).st_mtime > _RACY:
            super().set_data(path, data, _mode=_mode)


def _owner(file: str) -> str:
    """Returns the owner of a source file: an installed package's folder, "" for the app.

    Python itself and code without a file belong to ":python". A part of eggd is a folder: a
    built-in plugin is not blamed for an error that another part of eggd raises.
    """
    if not os.path.isabs(file):
        return ":python"
    for folder in _SITES:
        above, found, below = file.partition(folder)
        if found:
            return f"{above}{folder}{below.partition('/')[0]}"
    if file.startswith(_STDLIB):
        return ":python"
    return os.path.dirname(file) if file.startswith(_EGGD) else ""


def _module_name(path: Path, unit: str) -> str:
    """Returns a name that no other path has; without a dot, so that pickle can find it."""
    return f"{_PREFIX}:{unit}:{str(path).removesuffix('.py')}".replace(".", "_")
