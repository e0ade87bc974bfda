"""`Watcher`: the interface that `app.watcher` and `agent.watcher` have in common."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from eggd import Agent, Application, EggError, mismatch
from eggd.plugins.watcher.delivery import Delivery, Listener

Paths = str | Path | Iterable[str | Path]
"""One path or several; relative ones are relative to the app's folder."""


class Watcher:
    """Calls listeners with the changes at and below paths, which may be missing."""

    def __init__(self, app: Application | Agent) -> None:
        self._app = app
        self._delivery = Delivery(app)
        # False until `open`: paths are kept, and watched then.
        self._is_open = False

    def open(self) -> None:
        """Begins to watch; the plugin calls this when messages can be sent."""
        self._is_open = True
        self._watch(list(self._delivery.table.paths))

    def watch(self, paths: Paths, listener: Listener) -> None:
        """Calls `listener(change)` for each change of a file, or at and below a directory.

        A listener is called once per change, however many of its paths match. Raises EggError for
        a path that is empty, for what is not a path or a listener, and above `watcher.max_paths`.
        """
        _check_listener(listener)
        added = [self._absolute(path) for path in _each(paths)]
        table, most = self._delivery.table, self._app.config.watcher.max_paths
        if len(table.paths | set(added)) > most:
            raise EggError(
                f"watcher.watch: more than {most} paths",
                hint="watch the directory that contains them, or set watcher.max_paths",
            )
        self._warn_of_patterns(added)
        new = [path for path in added if table.add(path, listener)]
        if new and self._is_open:
            self._watch(new)

    def unwatch(self, paths: Paths, listener: Listener | None = None) -> None:
        """Ends the calls of a listener for these paths, or of all listeners."""
        removed = [self._absolute(path) for path in _each(paths)]
        table = self._delivery.table
        gone = [path for path in removed if table.remove(path, listener)]
        if gone and self._is_open:
            self._unwatch(gone)

    async def ready(self) -> None:
        """Waits until no change of the paths that are watched now is missed."""
        raise NotImplementedError

    def _watch(self, paths: list[str]) -> None:
        raise NotImplementedError

    def _unwatch(self, paths: list[str]) -> None:
        raise NotImplementedError

    def _absolute(self, path: str | Path) -> str:
        text = os.fspath(path)
        absolute = os.path.normpath(os.path.join(self._app.base_dir, text))
        if not text or not _is_possible(absolute) or absolute == "/":
            raise EggError(
                f"watcher.watch: {text!r} cannot be watched", hint="name a file or a directory"
            )
        return absolute

    def _warn_of_patterns(self, paths: list[str]) -> None:
        """Logs a warning for names that look like patterns: no file has them."""
        for path in paths:
            if set("*?") & set(path) and not os.path.lexists(path):
                self._app.core_logger.warning(
                    "[watcher] %s: patterns have no meaning (watch the directory)", path
                )


def _each(paths: Paths) -> list[str | Path]:
    """Returns the paths. Raises EggError for what is not one, and without any."""
    several = [paths] if isinstance(paths, str | Path) else paths
    if not isinstance(several, Iterable) or isinstance(several, bytes | Mapping):
        raise EggError(f"watcher.watch: {paths!r} is not a path", hint="pass a path, or several")
    each = list(several)
    for path in each:
        if not isinstance(path, str | Path):
            raise EggError(f"watcher.watch: {path!r} is not a path", hint="pass a path, or several")
    if not each:
        raise EggError("watcher.watch: no path", hint="pass a path, or several")
    return each


def _check_listener(listener: Listener) -> None:
    """Raises EggError for what cannot be called with a change."""
    problem = mismatch(listener, None) if callable(listener) else f"{listener!r} is not a function"
    if problem:
        hint = "define it: def listener(change)"
        raise EggError(f"watcher.watch: the listener cannot be called: {problem}", hint=hint)


_LONGEST_PATH, _LONGEST_NAME = 4095, 255
"""Bytes of a path and of each of its names (PATH_MAX, NAME_MAX)."""


def _is_possible(path: str) -> bool:
    """Returns whether a file can have this path: no NUL, only surrogates of bytes, not too long."""
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError:
        return False
    names = encoded.split(b"/")
    is_short = len(encoded) <= _LONGEST_PATH and max(map(len, names)) <= _LONGEST_NAME
    return b"\0" not in encoded and is_short
