"""Everything that a test can mock, until it ends (core:MOCK-5..7, MOCK-9, MOCK-12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from inspect import getattr_static
from typing import cast

from eggd import Context
from eggd.app.context.anonymous import ANONYMOUS, AnonymousRequest
from eggd.app.context.context import current
from eggd.app.context.cookies import Cookies
from eggd.errors import MockError
from eggd.spelling import did_you_mean, misspelt
from eggd.testing.arguments import check_cookie, check_kind, check_texts
from eggd.testing.mock_method import mock_method
from eggd.testing.mocked_session import MockedSession, Property
from eggd.testing.request import with_cookies
from eggd.testing.scope import Scope

__tracebackhide__ = True  # pytest shows the line of the test instead


class Mocks:
    """The mocks of one test, in one running app."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._running = scope.running
        self._app = scope.running.app

    def context(
        self, request: AnonymousRequest | None = None, *, fresh: bool = False, **members: object
    ) -> Context:
        """Returns a ctx with these members, the new `app.current_context`.

        The first call without `request` and `fresh` returns the test's own (core:MOCK-5).
        """
        scope = self._scope
        if request is None and not fresh and not scope.lent:
            scope.lent, ctx = True, scope.ctx
        else:
            check_kind("request", request or ANONYMOUS, AnonymousRequest, "an AnonymousRequest")
            ctx = self._context(request or ANONYMOUS)
        current.set(_with(ctx, members))
        return ctx

    @contextmanager
    def context_scope(
        self, request: AnonymousRequest = ANONYMOUS, **members: object
    ) -> Iterator[Context]:
        """Returns a new ctx that is the current one inside `with`."""
        before, ctx = current.get(), self._context(request)
        current.set(_with(ctx, members))
        try:
            yield ctx
        finally:
            current.set(before)

    def service(self, name: str, method: str, value: object) -> None:
        """Replaces a method of a service, "user" or "admin.user", by a value.

        A function is called with the service and the arguments; an exception is raised. An async
        method stays awaitable. Raises MockError for an unknown service or method.
        """
        mock_method(self._scope.patches, self._app, f"service.{name}", method, value)

    def service_error(
        self, name: str, method: str, error: str | BaseException = "mock {method} error"
    ) -> None:
        """Makes a method of a service raise `error`, or a RuntimeError with that text."""
        if isinstance(error, str):
            error = RuntimeError(error.replace("{method}", method))
        self.service(name, method, error)

    def member(self, path: str, method: str, value: object) -> None:
        """Replaces a method like `service`, of an object of `config.custom_loader`."""
        mock_method(self._scope.patches, self._app, path, method, value)

    def session(self, session: Mapping[str, object] | None) -> None:
        """Sets `ctx.session` of every context, until one sets it to None; None changes nothing.

        All requests share it, and what they change; it is not saved. Raises MockError if ctx has
        no session, EggError for data that a session cannot hold.
        """
        if session is not None:
            check_kind("session", session, Mapping, "a dict")
            own = self._own("session")
            self._scope.patches.setattr(
                self._app.context_class, "session", MockedSession(session, own)
            )

    def csrf(self) -> None:
        """Makes `ctx.assert_csrf()` pass. Raises MockError if ctx has no such method."""
        self._own("assert_csrf")
        self._scope.patches.setattr(
            self._app.context_class, "assert_csrf", lambda *args, **more: None
        )

    def cookies(self, cookies: Mapping[str, str]) -> None:
        """Adds cookies to every request and context; empty ones change nothing.

        `ctx.cookies.get` returns them as they are, signed and encrypted or not (core:MOCK-6).
        """
        check_texts("cookies", cookies)
        for name, text in cookies.items():
            check_cookie("mock_cookies", name, text)
        own = self._running.cookies
        own.update({name: text for name, text in cookies.items() if text})
        app, given = self._app, Cookies.get

        def get(cookies: Cookies, name: str, **options: bool | None) -> str | None:
            if cookies.app is app and name in own:
                return own[name]
            return given(cookies, name, **options)

        self._scope.patches.setattr(Cookies, "get", get)

    def headers(self, headers: Mapping[str, str]) -> None:
        """Adds header fields to every request and context."""
        check_texts("headers", headers)
        self._running.headers.update(headers)

    def env(self, env: str) -> None:
        """Changes `env` of app and agent; loaded files and config stay."""
        check_kind("env", env, str, "text")
        for part in (self._app, self._app.agent):
            self._scope.patches.setattr(part, "env", env)
            self._scope.patches.setitem(vars(part.config), "env", env)

    def restore(self) -> None:
        """Undoes all changes; the test may continue."""
        self._scope.restore()

    def _context(self, request: AnonymousRequest) -> Context:
        headers = {name.lower(): text for name, text in self._running.headers.items()}
        headers |= {name.lower(): text for name, text in request.headers.items()}
        if self._running.cookies:
            headers["cookie"] = with_cookies(headers.get("cookie", ""), self._running.cookies)
        return self._app.create_anonymous_context(replace(request, headers=headers))

    def _own(self, name: str) -> Property:
        """Returns the member of ctx that a mock replaces. Raises MockError without one."""
        cls = self._app.context_class
        if not hasattr(cls, name):
            raise MockError(
                f"ctx.{name} does not exist in this app",
                hint="enable the plugin that adds it",
            )
        return cast("Property", getattr_static(cls, name))


def _with(ctx: Context, members: Mapping[str, object]) -> Context:
    """Sets members of a ctx; raises MockError for a misspelt name."""
    for name, value in members.items():
        known = [each for each in dir(type(ctx)) if each[0] != "_"]
        if name not in known and (right := misspelt(name, known)):
            raise MockError(f"ctx: {name}: unknown member", hint=did_you_mean(right))
        setattr(ctx, name, value)
    return ctx
