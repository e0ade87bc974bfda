"""The keys of the config that the failing functions of the app read, with value and origin.

The source of each function is searched for `config.a.b`, `config["a"]["b"]` and, in a middleware,
`options.b`: to note what is read would slow down every request.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, TracebackType

from eggd import Application
from eggd.plugins.onerror.report.frames import Frames
from eggd.plugins.onerror.report.model import Pair
from eggd.plugins.onerror.report.source import lines_of
from eggd.plugins.onerror.report.values import MASK, Values, is_hidden, text_of

_MOST = 40
_LINES = 5_000
"""Lines of a file above which it is not searched."""
_METHODS = frozenset(("get", "is_set", "located", "origin", "items", "keys", "values"))

Keys = tuple[str, ...]


def settings_of(
    app: Application, error: BaseException, frames: Frames, values: Values
) -> list[Pair]:
    """Returns the keys, each once, in the order of the most recent calls."""
    found_keys: dict[Keys, None] = {}
    files: dict[str, list[ast.expr]] = {}
    for code in _functions(error, frames):
        file = code.co_filename
        if file not in files:
            files[file] = _reads(file)
        for keys in _read(code, files[file], app):
            known = _known(app.config, keys)
            if known:
                found_keys[known] = None
    whole = [keys for keys in found_keys if not _is_part(keys, found_keys)]
    return [_pair(app, keys, values) for keys in whole[:_MOST]]


def _is_part(keys: Keys, others: Iterable[Keys]) -> bool:
    """Returns whether these keys only lead to one that is read, too."""
    return any(len(each) > len(keys) and each[: len(keys)] == keys for each in others)


def _functions(error: BaseException, frames: Frames) -> list[CodeType]:
    """Returns the code of the app's frames, the most recent call first, each once."""
    codes: dict[CodeType, None] = {}
    step: TracebackType | None = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if frames.place(code.co_filename)[0] == "app":
            codes[code] = None
        step = step.tb_next
    return list(reversed(codes))[:20]


def _reads(file: str) -> list[ast.expr]:
    """Returns the expressions of a file that may read a key."""
    lines = lines_of(file)
    if not 0 < len(lines) <= _LINES:
        return []
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.expr) and _keys(node, ("",))]


def _read(code: CodeType, reads: Iterable[ast.expr], app: Application) -> Iterator[Keys]:
    """Yields the keys that a function reads."""
    last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    prefix = _middleware(code, app)
    for node in reads:
        if code.co_firstlineno <= node.lineno <= last:
            keys = _keys(node, prefix)
            if keys:
                yield keys


def _middleware(code: CodeType, app: Application) -> Keys:
    """Returns the section that is the options of a middleware whose code this is."""
    name = code.co_qualname.partition(".")[0]
    return (name,) if name in app.config and name in app.middlewares else ()


def _keys(node: ast.expr, options: Keys) -> Keys | None:
    """Returns the keys behind `config` or `options`, None for another expression."""
    match node:
        case ast.Name(id="config") | ast.Attribute(attr="config"):
            return ()
        case ast.Name(id="options"):
            return options or None
        case ast.Attribute(value=inner, attr=name):
            return _below(inner, name, options)
        case ast.Subscript(value=inner, slice=ast.Constant(value=str(name))):
            return _below(inner, name, options)
        case ast.Call(
            func=ast.Attribute(value=inner, attr="get"), args=[ast.Constant(value=str(name)), *_]
        ):
            return _below(inner, name, options)
    return None


def _below(node: ast.expr, name: str, options: Keys) -> Keys | None:
    keys = _keys(node, options)
    return None if keys is None else (*keys, name)


def _known(config: Mapping[str, object], keys: Keys) -> Keys:
    """Returns the part of the keys that the config has; methods and members of values end it."""
    value: object = config
    for depth, key in enumerate(keys):
        if not isinstance(value, Mapping):
            return keys[:depth]
        if key not in value:
            return () if key in _METHODS or key.startswith("_") else keys[: depth + 1]
        value = value[key]
    return keys


def _pair(app: Application, keys: Keys, values: Values) -> Pair:
    value: object = app.config
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            return Pair(".".join(keys), "not set", "")
        value = value[key]
    hidden = any(is_hidden(key) for key in keys)
    text = MASK if hidden else values.show(value)
    where = app.config.located(keys)
    return Pair(".".join(keys), text, text_of("default" if where == "eggd" else where, 400))
