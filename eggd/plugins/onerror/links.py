"""Links that open a file in an editor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from eggd import ConfigError

EDITORS: Mapping[str, str] = {
    "vscode": "vscode://file/{file}:{line}",
    "vscode-insiders": "vscode-insiders://file/{file}:{line}",
    "cursor": "cursor://file/{file}:{line}",
    "windsurf": "windsurf://file/{file}:{line}",
    "zed": "zed://file/{file}:{line}",
    "pycharm": "pycharm://open?file={file}&line={line}",
    "idea": "idea://open?file={file}&line={line}",
    "sublime": "subl://open?url=file://{file}&line={line}",
    "textmate": "txmt://open?url=file://{file}&line={line}",
    "emacs": "emacs://open?url=file://{file}&line={line}",
}
"""The editors that are known by name, and their URLs."""

_URL = re.compile(r"(?!javascript:|data:|vbscript:)[a-z][a-z0-9+.-]*:[^\s\"'<>]+", re.IGNORECASE)


def check_editor(editor: str) -> None:
    """Raises ConfigError for an editor that is neither known nor a URL with {file}."""
    if not editor or editor in EDITORS:
        return
    if not _URL.fullmatch(editor) or "{file}" not in editor:
        raise ConfigError(
            f"onerror.editor: {editor!r} is not an editor",
            hint=f"one of {', '.join(EDITORS)}, or a URL with {{file}} and {{line}}",
        )


def link(editor: str, paths: Mapping[str, str], file: str, line: int) -> str:
    """Returns the URL that opens a file at a line, "" without an editor or an absolute path."""
    if not editor or not file.startswith("/"):
        return ""
    for here, there in paths.items():
        folder = here.rstrip("/")
        if file.startswith(f"{folder}/"):
            file = there.rstrip("/") + file[len(folder) :]
            break
    url = EDITORS.get(editor, editor)
    placed = url.replace("{line}", str(line)).replace("{file}", quote(file))
    return placed.replace("://file//", "://file/")
