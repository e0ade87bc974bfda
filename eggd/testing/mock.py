"""What a test may pretend about a running app, until it ends (core:MOCK-5..7, MOCK-9, MOCK-12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from eggd.app.context.anonymous import ANONYMOUS, AnonymousRequest
from eggd.app.context.context import Context, current
from eggd.errors import EggError
from eggd.spelling import did_you_mean, misspelt
from eggd.testing.member import mock_member
from eggd.testing.request import with_cookies
from eggd.testing.scope import Scope

__tracebackhide__ = True  # a test that fails here failed in its own line


class Session(dict[str, Any]):
    """A session that is kept nowhere."""

    def save(self) -> None:
        """Does nothing: the test holds it."""


class Mocks:
    """The verbs of one test, on one running app."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._running = scope.running
        self._app = scope.running.app

    def context(
        self, request: AnonymousRequest | None = None, *, fresh: bool = False, **members: object
    ) -> Any:
        """Returns a ctx, which is `app.current_context` from here on; `members` are set on it.

        The first without a `request` is the test's own, unless `fresh` (core:MOCK-5).
        """
        scope = self._scope
        if request is None and not fresh and not scope.lent:
            scope.lent, ctx = True, scope.ctx
        else:
            ctx = self._context(request or ANONYMOUS)
        current.set(_with(ctx, members))
        return ctx

    @contextmanager
    def context_scope(
        self, request: AnonymousRequest = ANONYMOUS, **members: object
    ) -> Iterator[Any]:
        """Returns a new ctx that is the current one inside `with` only."""
        before, ctx = current.get(), self._context(request)
        current.set(_with(ctx, members))
        try:
            yield ctx
        finally:
            current.set(before)

    def service(self, name: str, method: str, value: object) -> None:
        """Lets a method of a service, "user" or "admin.user", give `value` from here on.

        A function is called with the service and the arguments; an exception is raised. What the
        method's callers await stays awaitable. Raises EggError for what there is not.
        """
        mock_member(self._scope.patches, self._app, f"service.{name}", method, value)

    def service_error(
        self, name: str, method: str, error: str | BaseException = "mock {method} error"
    ) -> None:
        """Lets a method of a service raise: `error`, or a RuntimeError that says it."""
        if isinstance(error, str):
            error = RuntimeError(error.replace("{method}", method))
        self.service(name, method, error)

    def member(self, path: str, method: str, value: object) -> None:
        """Does what `service` does to what `config.custom_loader` loads: "repository.user"."""
        mock_member(self._scope.patches, self._app, path, method, value)

    def session(self, session: Mapping[str, Any] | None) -> None:
        """Lets `ctx.session` be this for every context from here on; None changes nothing.

        A plain dict gets a `save()` that does nothing. Raises EggError where ctx has no session.
        """
        if session is not None:
            self._replace("session", Session(session) if type(session) is dict else session)

    def csrf(self) -> None:
        """Lets `ctx.assert_csrf()` pass from here on. Raises EggError where ctx has none."""
        self._replace("assert_csrf", lambda *args, **more: None)

    def cookies(self, cookies: Mapping[str, str]) -> None:
        """Lets every request and context from here on carry these; empty ones change nothing."""
        self._running.cookies.update({name: text for name, text in cookies.items() if text})

    def headers(self, headers: Mapping[str, str]) -> None:
        """Lets every request and context from here on carry these header fields."""
        self._running.headers.update(headers)

    def env(self, env: str) -> None:
        """Lets app and agent say that this is their environment; what was loaded stays loaded."""
        for part in (self._app, self._app.agent):
            self._scope.patches.setattr(part, "env", env)
            self._scope.patches.setitem(vars(part.config), "env", env)

    def restore(self) -> None:
        """Takes back everything that the test has changed; it may go on."""
        self._scope.restore()

    def _context(self, request: AnonymousRequest) -> Context:
        headers = {name.lower(): text for name, text in self._running.headers.items()}
        headers |= {name.lower(): text for name, text in request.headers.items()}
        if self._running.cookies:
            headers["cookie"] = with_cookies(headers.get("cookie", ""), self._running.cookies)
        return self._app.create_anonymous_context(replace(request, headers=headers))

    def _replace(self, name: str, value: object) -> None:
        cls = self._app.context_class
        if not hasattr(cls, name):
            raise EggError(
                f"this app's ctx has no {name}: there is nothing to mock",
                hint="enable the plugin that brings it",
            )
        self._scope.patches.setattr(cls, name, value)


def _with(ctx: Context, members: Mapping[str, object]) -> Context:
    """Sets members of a ctx; raises EggError for a misspelt member name."""
    for name, value in members.items():
        known = [each for each in dir(type(ctx)) if each[0] != "_"]
        if name not in known and (right := misspelt(name, known)):
            raise EggError(f"ctx has no {name}", hint=did_you_mean(right))
        setattr(ctx, name, value)
    return ctx
