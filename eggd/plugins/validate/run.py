"""The state of one validation: its errors, their language and their number."""

from __future__ import annotations

from collections.abc import Callable

from eggd.plugins.validate.messages import INVALID, MISSING, Message, message

Text = Callable[[Message], str]
Problem = dict[str, str]
"""One error for the client: `code`, `field` and `message`."""

_DEEPEST = 64
"""Levels of classes within classes."""


class EnoughError(Exception):
    """Ends a validation whose errors fill an answer."""


class Run:
    """One validation."""

    __slots__ = ("convert", "depth", "errors", "most", "text", "widely_undefined")

    def __init__(self, text: Text, most: int, *, convert: bool, widely_undefined: bool) -> None:
        """`text` translates a message; after `most` errors EnoughError is raised."""
        self.text = text
        self.most = most
        self.convert = convert
        self.widely_undefined = widely_undefined
        self.errors: list[Problem] = []
        self.depth = 0
        """Levels of classes in progress; data of clients decides how deep a recursive class is."""

    def add(self, path: str, problem: Message, code: str = INVALID) -> None:
        """Appends an error; raises EnoughError after the last one that is allowed."""
        self.append({"code": code, "field": path, "message": self.text(problem)})

    def append(self, problem: Problem) -> None:
        """Appends an error that has its text already."""
        self.errors.append(problem)
        if len(self.errors) >= self.most:
            raise EnoughError

    def missing(self, path: str) -> None:
        """Appends the error of a required field."""
        self.add(path, message("required"), MISSING)

    def trial(self) -> Run:
        """Returns a run for one type of a union, whose first error ends it."""
        trial = Run(self.text, 1, convert=self.convert, widely_undefined=self.widely_undefined)
        trial.depth = self.depth
        return trial

    def enter(self, path: str) -> bool:
        """Returns whether one level more is allowed; the caller leaves it with `depth -= 1`."""
        self.depth += 1
        if self.depth <= _DEEPEST:
            return True
        self.depth -= 1
        self.add(path, message("depth"))
        return False
