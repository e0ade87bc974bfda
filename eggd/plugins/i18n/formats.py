"""Reads a catalogue: Python, JSON, TOML, properties or gettext; errors name file and line."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from gettext import GNUTranslations
from pathlib import Path
from types import ModuleType

from eggd import LoadError

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_PROPERTY = re.compile(r"((?:\\.|[^\\=:\s])+)\s*[=:\s]\s*(.*)", re.DOTALL)
DEEPEST = 20
"""Levels of nested texts."""


def read_json(path: Path) -> dict[str, str]:
    """Returns the texts of a JSON file; raises LoadError, also for a key that is twice in it."""
    source = _text(path)
    try:
        values = json.loads(source, object_pairs_hook=lambda pairs: _unique(pairs, path, source))
    except json.JSONDecodeError as exc:
        raise LoadError(f"{path}:{exc.lineno}: is not valid JSON: {exc.msg}") from None
    except RecursionError:
        raise LoadError(f"{path}: is nested too deeply") from None
    return flat(values, path, source)


def read_toml(path: Path) -> dict[str, str]:
    """Returns the texts of a TOML file; raises LoadError."""
    source = _text(path)
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as exc:
        match = _AT_LINE.search(str(exc))
        line = (match and match[1]) or source.count("\n") + 1
        text = _AT_LINE.sub("", str(exc)).strip()
        raise LoadError(f"{path}:{line}: is not valid TOML: {text}") from None
    except RecursionError:
        raise LoadError(f"{path}: is nested too deeply") from None
    return flat(values, path, source)


def read_python(path: Path, module: ModuleType) -> dict[str, str]:
    """Returns the texts in the dict `messages` of a Python file; raises LoadError."""
    values = vars(module).get("messages")
    if not isinstance(values, Mapping):
        raise LoadError(
            f"{path}: must define a dict named messages", hint='messages = {"Hello": "Hallo"}'
        )
    return flat(values, path, _text(path))


def read_properties(path: Path) -> dict[str, str]:
    """Returns the texts of a file of `key = text` lines; raises LoadError."""
    texts: dict[str, str] = {}
    for number, line in _logical_lines(_text(path)):
        match = _PROPERTY.fullmatch(line)
        if match is None:
            raise LoadError(f"{path}:{number}: must be 'key = text', not {line[:80]!r}")
        key = _unescaped(match[1])
        if key in texts:
            raise LoadError(f"{path}:{number}: the key {key!r} is in the file twice")
        texts[key] = _unescaped(match[2])
    return texts


def read_gettext(path: Path) -> GNUTranslations:
    """Returns the translations of a .mo file; raises LoadError."""
    try:
        with path.open("rb") as file:
            return GNUTranslations(file)
    except OSError as exc:
        raise _wrong_mo(path, exc.strerror or str(exc)) from None
    except Exception as exc:  # struct.error, UnicodeError, ValueError, LookupError, ...
        raise _wrong_mo(path, f"{type(exc).__name__}: {exc}") from None


def flat(values: object, path: Path, source: str) -> dict[str, str]:
    """Returns nested texts by dotted keys (core:I18N-4); raises LoadError for another value."""
    if not isinstance(values, Mapping):
        raise LoadError(f"{path}: must hold keys and texts, not {type(values).__name__}")
    return dict(_flat(values, "", path, source, 0))


def _flat(
    values: Mapping[object, object], above: str, path: Path, source: str, depth: int
) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if depth > DEEPEST:
            raise LoadError(f"{path}: {above[:80]}: is nested too deeply")
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.", path, source, depth + 1)
        elif isinstance(value, str) and isinstance(key, str):
            yield f"{above}{key}", value
        else:
            line = _line_of(str(key), source)
            raise LoadError(f"{path}:{line}: {above}{key}: must be text, not {value!r}")


def _line_of(key: str, source: str) -> int:
    """Returns the first line that has a key, 1 without one."""
    lines = source.splitlines()
    return next((number for number, line in enumerate(lines, 1) if key in line), 1)


def _unique(pairs: list[tuple[str, object]], path: Path, source: str) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        lines = [n for n, line in enumerate(source.splitlines(), 1) if json.dumps(twice) in line]
        line = lines[1] if len(lines) > 1 else (lines or [1])[0]
        raise LoadError(f"{path}:{line}: the key {twice!r} is in the file twice")
    return values


def _logical_lines(source: str) -> Iterator[tuple[int, str]]:
    """Yields the lines with their numbers; one that ends in a backslash goes on in the next."""
    start, parts = 0, list[str]()
    for number, line in enumerate(source.splitlines(), 1):
        text = line.lstrip()
        if not parts and (not text or text[0] in "#!"):
            continue
        start = start or number
        is_open = (len(text) - len(text.rstrip("\\"))) % 2 == 1
        parts.append(text[:-1] if is_open else text)
        if not is_open:
            yield start, "".join(parts).rstrip()
            start, parts = 0, []
    if parts:
        yield start, "".join(parts).rstrip()


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        return _ESCAPES.get(code, code)

    return _ESCAPE.sub(character, text)


def _text(path: Path) -> str:
    content = b""
    try:
        content = path.read_bytes()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content[: exc.start].count(b"\n") + 1
        raise LoadError(f"{path}:{line}: is not UTF-8: {exc.reason}") from None
    except OSError as exc:
        raise LoadError(f"{path}: cannot be read: {exc.strerror}") from None


def _wrong_mo(path: Path, reason: str) -> LoadError:
    return LoadError(
        f"{path}: is not a gettext file: {reason}", hint="run 'eggd i18n compile' to make it anew"
    )
