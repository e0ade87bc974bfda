"""Finds the export of a file of a load unit: its class, its function, or the module itself."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from eggd.errors import LoadError
from eggd.failure import load_error
from eggd.importer import import_file


def find_export(file: Path, unit: str) -> Any:
    """Returns what a file exports, None without exports; raises LoadError naming the file.

    One public class that the file defines; else the function that is named like the file; else its
    module, if it has public names. Another file than Python exports its bytes.
    """
    if file.suffix != ".py":
        return _bytes(file)
    module = import_file(file, unit)
    public_members = {
        name: value for name, value in vars(module).items() if not name.startswith("_")
    }
    classes = [value for value in public_members.values() if _defined(value, type, module)]
    if len(classes) > 1:
        names = ", ".join(cls.__name__ for cls in classes)
        raise LoadError(f"{file}: must define one public class, found {names}", hint="_Private")
    function = public_members.get(file.stem.replace("-", "_"))
    if classes:
        return classes[0]
    if _defined(function, FunctionType, module):
        return function
    return (
        module
        if any(not isinstance(value, ModuleType) for value in public_members.values())
        else None
    )


def call_export(function: Any, file: Path, *inject: object) -> Any:
    """Returns the result of a plain function, or the function itself if that is None (core:LD-6).

    Classes and coroutine functions are never called. What it raises becomes LoadError.
    """
    if not isinstance(function, FunctionType) or inspect.iscoroutinefunction(function):
        return function
    try:
        result = function(*inject)
    except Exception as exc:
        name = function.__name__
        raise load_error(exc, file, f"{name}()") from exc
    return function if result is None else result


def mark(cls: type, path_name: str, file: Path) -> None:
    """Sets where a class was loaded from: `path_name` and `full_path` (core:LD-8)."""
    cls.path_name = path_name  # type: ignore[attr-defined]
    cls.full_path = file  # type: ignore[attr-defined]


def _defined(value: object, kind: type, module: ModuleType) -> bool:
    return isinstance(value, kind) and value.__module__ == module.__name__


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise LoadError(f"{file}: cannot be read: {exc.strerror}") from exc
