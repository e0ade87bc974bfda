"""Checks while an app is loaded whether the hooks of its boots can be called."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeGuard

from eggd.calling import mismatch
from eggd.errors import LoadError

_ERROR = "did_ready"
"""The hook that is given the error of a start that failed, or None."""


def refuse_shapes(boot: object, hooks: Iterable[str], file: Path) -> None:
    """Raises LoadError with file and line for the first hook that cannot be called."""
    for name in hooks:
        hook = getattr(boot, name)
        if not callable(hook):
            raise _refusal(boot, name, file, f"must be a function, not {hook!r}")
        if not _takes(hook, *((None,) if name == _ERROR else ())):
            raise _refusal(boot, name, file, _expected_form(name))


def _takes(hook: Callable[..., object], *given: object) -> bool:
    """Returns whether a hook accepts the arguments; C code without a signature is trusted."""
    wrong = mismatch(hook, *given)
    # a method without self has no signature
    return not inspect.ismethod(hook) if wrong is None else not wrong


def _expected_form(name: str) -> str:
    return "must take `self` and `error`" if name == _ERROR else "must take `self` alone"


def _refusal(boot: object, name: str, file: Path, text: str) -> LoadError:
    arguments = "self, error" if name == _ERROR else "self"
    place = _place(boot, name, file)
    cls = type(boot).__name__
    return LoadError(f"{place}: {cls}.{name} {text}", hint=f"write def {name}({arguments})")


def _place(boot: object, name: str, file: Path) -> str:
    """Returns `file:line` of a hook: of its function, else of its assignment in `file`."""
    hook = vars(boot).get(name, getattr(type(boot), name))
    value = inspect.unwrap(hook) if callable(hook) else hook
    code = getattr(getattr(value, "__func__", value), "__code__", None)
    if code is not None:
        return f"{code.co_filename}:{code.co_firstlineno}"
    line = _line(name, file)
    return f"{file}:{line}" if line else str(file)


def _line(name: str, file: Path) -> int:
    """Returns the first line that assigns to `name` or to such an attribute; 0 if absent."""
    nodes = ast.walk(ast.parse(file.read_bytes()))
    return min((node.lineno for node in nodes if _gives(node, name)), default=0)


def _gives(node: ast.AST, name: str) -> TypeGuard[ast.Name | ast.Attribute]:
    if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Store):
        return False
    return name == (node.id if isinstance(node, ast.Name) else node.attr)
