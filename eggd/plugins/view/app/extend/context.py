"""`ctx.render` and its relatives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import eggd


class Context(eggd.Context):
    """A request that can be answered with a page."""

    async def render(
        self, name: str, locals: Mapping[str, object] | None = None, *, view_engine: str = ""
    ) -> None:
        """Renders a template as the body, of type HTML unless a type is set (core:VW-3).

        Raises ViewError for a missing or wrong template.
        """
        body = await self.app.view.render(self, name, locals, view_engine)
        # Text that begins with `<` is sent as HTML anyway.
        if body.lstrip()[:1] != "<" and not self.type:
            self.type = "html"
        self.body = body

    async def render_view(
        self, name: str, locals: Mapping[str, object] | None = None, *, view_engine: str = ""
    ) -> str:
        """Returns the text of a template (core:VW-3)."""
        return await self.app.view.render(self, name, locals, view_engine)

    async def render_string(
        self, template: str, locals: Mapping[str, object] | None = None, *, view_engine: str = ""
    ) -> str:
        """Returns the text of a template that is given as text (core:VW-3).

        The text is code: never build it from what a client sends.
        """
        return await self.app.view.render_string(self, template, locals, view_engine)

    async def render_stream(
        self, name: str, locals: Mapping[str, object] | None = None, *, view_engine: str = ""
    ) -> None:
        """Renders a template as a body that is sent while it is rendered.

        The first part is rendered at once, so that an error in it is answered. A later one cuts the
        page off. A client that reads slowly slows the rendering down.
        """
        parts = self.app.view.stream(self, name, locals, view_engine)
        first = await anext(aiter(parts), "")
        if not self.type:
            self.type = "html"
        self.body = _following(first, parts)


async def _following(first: str, parts: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for part in parts:
        yield part
