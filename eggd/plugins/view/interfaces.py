"""The interface between the view and an engine: the engine's methods, and the options of a call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from eggd import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """The options of one rendering (core:VW-5)."""

    name: str = ""
    """The template's name relative to its root, "" for a text."""
    root: str = ""
    """The folder that has the template, "" for a text."""
    locals: Mapping[str, object]
    """The variables that the caller has passed, without those of app and ctx."""
    view_engine: str
    """The name under which the engine is registered."""


class ViewEngine(Protocol):
    """An engine: its class is registered by `app.view.use`, an instance is made per rendering."""

    def __init__(self, ctx: Context) -> None: ...

    async def render(self, filename: str, locals: dict[str, object], options: RenderOptions) -> str:
        """Returns the text of a file; `locals` has the variables of app, ctx and caller."""
        ...

    async def render_string(
        self, template: str, locals: dict[str, object], options: RenderOptions
    ) -> str:
        """Returns the text of a template that is given as text."""
        ...


@runtime_checkable
class StreamingEngine(Protocol):
    """An engine that can also produce a page piece by piece."""

    def stream(
        self, filename: str, locals: dict[str, object], options: RenderOptions
    ) -> AsyncIterator[str]:
        """Yields the text of a file in parts."""
        ...


@runtime_checkable
class CheckingEngine(Protocol):
    """An engine that can compile templates without rendering them, for `eggd check`."""

    def check(self, names: Sequence[str]) -> Sequence[str]:
        """Returns a line with file and line for each wrong template."""
        ...
