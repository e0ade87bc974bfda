"""`Report` and its parts: text alone, with secrets masked, not yet escaped for HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Owner = Literal["app", "eggd", "package", "python"]
"""The kind of code: the app and its plugins, eggd, an installed package, Python itself."""
State = Literal["failed", "pending", "ran", "skipped"]
"""`failed` raised the exception, `pending` waits for it, `ran` is before it and left no trace,
`skipped` was not reached."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A name and its value."""

    name: str
    value: str
    note: str = ""
    """The origin of a config value."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of a source file."""

    number: int
    text: str
    is_current: bool = False
    span: tuple[int, int] | None = None
    """The characters of the failing expression."""
    colors: Sequence[tuple[int, int, str]] = ()
    """First and last character, and kind, of the words that have a color."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One call."""

    owner: Owner
    package: str
    """The package of the code: its folder in site-packages, "eggd", or a module of Python."""
    file: str
    place: str
    """The file relative to the app or to the package."""
    line: int
    function: str
    link: str
    """The URL that opens the line in an editor, "" without one."""
    source: Sequence[SourceLine] = ()
    variables: Sequence[Pair] = ()

    @property
    def current(self) -> str:
        """The text of the line that runs, "" if it is not known."""
        return next((line.text.strip() for line in self.source if line.is_current), "")


@dataclass(frozen=True, slots=True)
class ExceptionFacts:
    """One exception of a chain."""

    relation: str
    """The sentence that leads from the exception before to this one; "" for the first."""
    name: str
    message: str
    notes: Sequence[str] = ()
    attributes: Sequence[Pair] = ()
    frames: Sequence[Frame] = ()
    """The frames, the most recent call last."""
    omitted: int = 0
    """Frames that were left out of the middle of a long stack."""

    @property
    def blamed(self) -> Frame | None:
        """The most recent frame of the app, else the most recent of all."""
        own = [frame for frame in self.frames if frame.owner == "app"]
        return next(iter([*reversed(own), *reversed(self.frames)]), None)


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """The request."""

    method: str
    url: str
    version: str
    client: str
    headers: Sequence[Pair] = ()
    query: Sequence[Pair] = ()
    cookies: Sequence[Pair] = ()
    body: Sequence[Pair] = ()
    curl: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A function of the route's chain."""

    kind: str
    name: str
    place: str
    link: str
    state: State


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """The matched route."""

    path: str
    name: str
    methods: str
    params: Sequence[Pair] = ()
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that the request has logged."""

    level: str
    spent: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known of an error."""

    status: int
    title: str
    chain: Sequence[ExceptionFacts]
    request: RequestFacts
    route: RouteFacts
    config: Sequence[Pair] = ()
    logs: Sequence[LogLine] = ()
    logs_dropped: int = 0
    process: Sequence[Pair] = ()
    missing: Sequence[str] = field(default_factory=tuple)
    """The parts that could not be collected, each with the reason."""
