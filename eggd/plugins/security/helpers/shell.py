"""Text on a command line (process:HLP-6..8). `subprocess` with a list of arguments is safer."""

from __future__ import annotations

import re

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9.\-_]+")
_SPECIAL = dict.fromkeys(map(ord, "#&;`|*?~<>^()[]{}$'\",\n\xff"))


def cli_filter(value: object) -> str:
    """Returns only the ASCII letters, digits, dots, hyphens and underscores of a text."""
    return _NOT_PLAIN.sub("", str(value))


def escape_shell_arg(value: object) -> str:
    """Returns a text as one argument of a POSIX shell, in single quotes."""
    return "'" + str(value).replace("'", "'\"'\"'") + "'"


def escape_shell_cmd(value: object) -> str:
    """Returns a text without the characters that are special to a shell; blanks stay."""
    return str(value).translate(_SPECIAL)
