"""Commands that a server refuses although it answers: no memory, no disk, a missing right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from time import monotonic

from eggd import Logger, without_secrets

_CODES = re.compile(
    r"(?:^|: |-)((?:OOM|MISCONF|NOREPLICAS|MASTERDOWN|NOPERM|READONLY) .*)", re.DOTALL
)
"""An error of the server: as a reply, of a script (before Redis 7 after `-`), or of a pipeline."""
_CLASSES = ("OutOfMemoryError", "NoPermissionError", "ReadOnlyError")
"""The errors whose code redis-py removes, in the versions that have them."""
_SCRIPT = re.compile(r"\s*script: [0-9a-f]{40}, on @user_script:\d+\.?$")
_SCRIPTS = ("EVAL", "EVALSHA", "FCALL")
"""Commands of which the first argument says what they do."""
FORGOTTEN = 60.0
"""Seconds after the last refusal, after which a command that is not sent again is forgotten."""


def refusal(exc: Exception) -> str:
    """Returns why the server refused a command; "" if the error is one of the command."""
    text = answer_of(exc)
    if type(exc).__name__ not in _CLASSES:
        match = _CODES.search(text)
        text = match[1] if match else ""
    return _SCRIPT.sub("", text).rstrip(".")


def answer_of(exc: BaseException) -> str:
    """Returns the text of an error, without the command of a pipeline: it has the values."""
    text = str(exc).rpartition(" of pipeline caused error: ")[2]
    # redis-py 4 shows the arguments of the error: ("OOM command not allowed ...",)
    return text[2:-3] if text.startswith(("('", '("')) else text


class Refusals:
    """The commands that the server refuses now: one line when they begin, and one at their end.

    A refused command ends the refusals when it succeeds; so reads that succeed meanwhile do not.
    """

    def __init__(self, title: str, logger: Callable[[], Logger]) -> None:
        """Prepares; `title` names the client."""
        self._title = title
        self._logger = logger
        # The commands that were refused and have not succeeded since.
        self._commands: set[Sequence[object]] = set()
        self._problem = ""
        # The clock at the first and the last refusal.
        self._since = self._last = 0.0

    @property
    def problem(self) -> str:
        """Why the server refuses commands; "" while it takes all."""
        return self._problem if self._commands and not self._is_old() else ""

    def failure(self, command: Sequence[object], exc: Exception) -> None:
        """Takes an error of a command; does nothing if it is not a refusal."""
        if not (reason := refusal(exc)):
            return
        if not self._commands or self._is_old():
            self._commands.clear()
            self._since, self._problem = monotonic(), without_secrets(reason)
            text = "%s: the server refuses commands: %s"
            self._logger().error(text, self._title, self._problem)
        self._commands.add(_identity(command))
        self._last = monotonic()

    def success(self, command: Sequence[object]) -> None:
        """Takes a command that succeeded."""
        if not self._commands:
            return
        self._commands.discard(_identity(command))
        if not self._commands:
            seconds = monotonic() - self._since
            self._logger().info("%s takes all commands again after %.1f s", self._title, seconds)

    def _is_old(self) -> bool:
        return monotonic() - self._last > FORGOTTEN


def _identity(command: Sequence[object]) -> Sequence[object]:
    return tuple(command[: 2 if command[0] in _SCRIPTS else 1])
