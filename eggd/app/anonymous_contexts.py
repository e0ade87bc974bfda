"""Contexts of no client, and the code that runs with them (core:ANON-1, core:BG-1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

from eggd.app.context.anonymous import ANONYMOUS, AnonymousRequest, anonymous_exchange
from eggd.app.context.background import Background
from eggd.app.context.context import Context, current
from eggd.calling import arity, call
from eggd.http import Exchange

T = TypeVar("T")


class AnonymousContexts:
    """The members of application and agent that run code outside of requests."""

    background: Background
    """The tasks of `run_in_background`."""

    def create_context(self, exchange: Exchange) -> Context:
        """Returns a new context of the app's own class."""
        raise NotImplementedError

    def create_anonymous_context(self, request: AnonymousRequest = ANONYMOUS) -> Context:
        """Returns a context of no client: services, helper and loggers as any (core:ANON-1, 2)."""
        return self.create_context(anonymous_exchange(request))

    @overload
    async def run_in_anonymous_context_scope(
        self, function: Callable[[Any], Awaitable[T]], request: AnonymousRequest = ...
    ) -> T: ...
    @overload
    async def run_in_anonymous_context_scope(
        self, function: Callable[[Any], T], request: AnonymousRequest = ...
    ) -> T: ...
    async def run_in_anonymous_context_scope(
        self, function: Callable[[Any], object], request: AnonymousRequest = ANONYMOUS
    ) -> object:
        """Returns the result of `function(ctx)`, with a new anonymous ctx as the current
        one (core:ANON-3)."""
        ctx = self.create_anonymous_context(request)
        token = current.set(ctx)
        try:
            return await call(function, ctx)
        finally:
            current.reset(token)

    @property
    def current_context(self) -> Context | None:
        """The ctx that the running code serves, None outside of any (core:STO-1)."""
        return current.get()

    def run_in_background(
        self, function: Callable[..., object], name: str = "", request: AnonymousRequest = ANONYMOUS
    ) -> None:
        """Runs a sync or async function after the current code (core:BG-1..4).

        One that must have an argument is given an anonymous ctx of `request`. Closing waits for
        it, `close_timeout` at most.
        """
        ctx = self.create_anonymous_context(request) if arity(function) else None
        self.background.run(function, ctx, name)
