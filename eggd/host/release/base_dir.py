"""Sets EGG_BASE_DIR in the file of settings, and keeps every other line."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from eggd.errors import VariableError
from eggd.host import defaults
from eggd.wholefile import write_whole
from eggd.wire.envfile import parse

KEY = "EGG_BASE_DIR"

_EXAMPLE = re.compile(r"^#\s*EGG_BASE_DIR=", re.MULTILINE)
_PLAIN = re.compile(r"[\w@%+=:,./-]*")


def set_base_dir(file: Path, value: str | None) -> None:
    """Sets EGG_BASE_DIR to `value`, or removes it if that is None; does nothing if it is set so.

    A new line follows the commented example, or stands at the end. Raises VariableError for a file
    that is not valid, or has the setting in several lines; OSError if it cannot be written.
    """
    if defaults.check(file).get(KEY) == value:
        return
    file = file.resolve()  # replaces the file itself, not a link to it
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    before = file.stat() if file.exists() else None
    mode = stat.S_IMODE(before.st_mode) if before else 0o644
    kept = _without(file, text)
    line = [] if value is None else [f"{KEY}={_quoted(value)}"]
    lines = [*kept[: (at := _place(kept))], *line, *kept[at:]]
    write_whole(file, "".join(f"{each}\n" for each in lines).encode(), mode)
    if before:
        os.chown(file, before.st_uid, before.st_gid)


def _without(file: Path, text: str) -> list[str]:
    """Returns the lines of a file without those that set the key."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    numbers = {each.line for each in parse(text) if each.key == KEY}
    for number in numbers:
        if lines[number - 1].rstrip().endswith("\\") or _is_open(lines[number - 1]):
            raise VariableError(
                f"{file}:{number}: {KEY} takes several lines", hint="write it in one line"
            )
    return [line for number, line in enumerate(lines, 1) if number not in numbers]


def _is_open(line: str) -> bool:
    """Returns whether a quote that opens in the line does not close there."""
    try:
        return not list(parse(line))
    except ValueError:
        return True


def _place(lines: list[str]) -> int:
    """Returns where a new line goes: below the commented example, else at the end."""
    examples = [number for number, line in enumerate(lines, 1) if _EXAMPLE.match(line)]
    return examples[0] if examples else len(lines)


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = re.sub(r'(["\\`$])', r"\\\1", value)
    return f'"{escaped}"'
