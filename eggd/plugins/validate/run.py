"""The state of one validation: its errors, their language and their number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from eggd.plugins.validate.messages import INVALID, MISSING, Message, message
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.timed import LIMIT, SlowPatternError, TimedPattern

EMPTY: Mapping[str, object] = MappingProxyType({})
Text = Callable[[Message], str]
Problem = dict[str, str]
"""One error for the client: `code`, `field` and `message`."""

_DEEPEST = 64
"""Levels of classes within classes."""
_MOST_TRIALS = 10_000
"""Types of unions that one validation tries: a union within itself multiplies them."""


class EnoughError(Exception):
    """Ends a validation whose errors fill an answer."""


class TrialsError(Exception):
    """Ends a validation that has tried too many types of unions."""


class Run:
    """One validation."""

    depth = 0
    """Levels of classes in progress; data of clients decides how deep a recursive class is."""
    trials = 0
    """Types of unions that the validation has tried."""
    pattern_seconds = LIMIT
    """CPU seconds that are left for patterns which may be slow."""
    siblings: Mapping[str, object] = EMPTY
    """The object of a class in progress: its fields that were read, over those of the client."""

    def __init__(self, options: ValidateConfig, text: Text, convert: bool) -> None:
        """`text` translates a message; after `max_errors` errors EnoughError is raised."""
        self.options = options
        self.text = text
        self.convert = convert
        self.errors: list[Problem] = []

    def add(self, path: str, problem: Message, code: str = INVALID) -> None:
        """Appends an error; raises EnoughError after the last one that is allowed."""
        self.append({"code": code, "field": path, "message": self.text(problem)})

    def append(self, problem: Problem) -> None:
        """Appends an error that has its text already."""
        self.errors.append(problem)
        if len(self.errors) >= self.options.max_errors:
            raise EnoughError

    def matches(self, pattern: TimedPattern, text: str) -> bool:
        """Returns whether a whole text matches. Raises SlowPatternError after LIMIT."""
        try:
            result, self.pattern_seconds = pattern.matches(text, self.pattern_seconds)
        except SlowPatternError:
            self.pattern_seconds = 0.0
            raise
        return result

    def missing(self, path: str) -> None:
        """Appends the error of a required field."""
        self.add(path, message("required"), MISSING)

    def trial(self) -> Run:
        """Returns a run for one type of a union.

        Raises TrialsError above a limit for the whole validation.
        """
        return Trial(self, self.depth)

    def enter(self, path: str) -> bool:
        """Returns whether one level more is allowed; the caller leaves it with `depth -= 1`."""
        self.depth += 1
        if self.depth <= _DEEPEST:
            return True
        self.depth -= 1
        self.add(path, message("depth"))
        return False


class Trial(Run):
    """A run for one type of a union: its first error ends it with EnoughError."""

    def __init__(self, whole: Run, depth: int) -> None:
        """Takes the whole validation and the levels in progress. Raises TrialsError."""
        super().__init__(whole.options, whole.text, whole.convert)
        self.depth = depth
        self.siblings = whole.siblings
        self._whole = whole
        whole.trials += 1
        if whole.trials > _MOST_TRIALS:
            raise TrialsError

    def add(self, path: str, problem: Message, code: str = INVALID) -> None:
        """Raises EnoughError."""
        raise EnoughError

    def matches(self, pattern: TimedPattern, text: str) -> bool:
        """Matches within the time of the whole validation. Raises SlowPatternError."""
        return self._whole.matches(pattern, text)

    def append(self, problem: Problem) -> None:
        """Raises EnoughError."""
        raise EnoughError

    def trial(self) -> Run:
        """Returns a run for one type of a union in a union."""
        return Trial(self._whole, self.depth)
