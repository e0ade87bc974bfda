"""`ctx.onerror`."""

from __future__ import annotations

from collections.abc import Awaitable

import eggd


class Context(eggd.Context):
    """A request whose errors are answered as the config says."""

    def onerror(self, error: BaseException) -> Awaitable[None] | None:
        """Sets the answer to an error; an awaitable if a handler of the config is async."""
        return self.app.error_answers.answer(self, error)
