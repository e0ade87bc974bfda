"""`ErrorAnswers`: chooses the answer to an error, and whether the error is logged."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, cast

from eggd import Application, Context, HttpError
from eggd.plugins.onerror import plain
from eggd.plugins.onerror.error_page import redirect
from eggd.plugins.onerror.kinds import Kind, kind_of
from eggd.plugins.onerror.statuses import check_statuses, http_error

if TYPE_CHECKING:
    from eggd.plugins.onerror.section import OnerrorConfig

Tell = Callable[[Context, BaseException, HttpError, Kind], None]
"""Sets the answer for a developer."""


class ErrorAnswers:
    """The answers of one app (core:ERR-1 to ERR-13)."""

    def __init__(self, app: Application, options: OnerrorConfig) -> None:
        """Loads the answers with details in env local and unittest alone."""
        self._app = app
        self._options = options
        self._rules = check_statuses(options.statuses)
        self._is_local = app.env == "local"
        self._tell: Tell | None = None
        """The answers with details, None in every other env, where their code is not loaded."""
        if app.env in ("local", "unittest"):
            from eggd.plugins.onerror.report.answering import teller

            self._tell = teller(app, options)

    def status_of(self, error: BaseException) -> int:
        """Returns the status that answers an error; logs an exception of a rule of the config."""
        try:
            return http_error(error, self._rules).status
        except Exception as exc:
            self._app.logger.error(exc)
            return 500

    def is_logged(self, error: BaseException, ctx: Context | None) -> bool:
        """Returns whether an error is logged; an exception of the filter is logged, too."""
        accept = self._options.app_error_filter
        if accept is None:
            return True
        try:
            return accept(error, ctx) is not False
        except Exception as exc:
            self._app.logger.error(exc)
            return True

    def record_log(self, ctx: Context | None, *, is_paused: bool) -> None:
        """Pauses or resumes to keep the log lines of the request, in env local."""
        lines = getattr(ctx, "log_lines", None)
        if lines is not None:
            lines.is_paused = is_paused

    def answer(self, ctx: Context, error: BaseException) -> Awaitable[None] | None:
        """Sets status, fields and body; an awaitable if a handler of the config is async.

        An exception of a handler is logged, and answered in its place with status 500.
        """
        try:
            result = self._answer(ctx, error)
        except Exception as exc:
            self._answer_failure(ctx, error, exc)
            return None
        return None if result is None else self._finish(ctx, error, result)

    def _answer(self, ctx: Context, error: BaseException) -> Awaitable[object] | None:
        answer = http_error(error, self._rules)
        ctx.status = answer.status
        ctx.set(answer.headers)
        options = self._options
        if options.all is not None:
            return self._handle(ctx, error, options.all)
        kind = kind_of(ctx, options.accepts, is_local=self._is_local)
        handler = getattr(options, kind)
        if handler is not None:
            return self._handle(ctx, error, handler)
        self._answer_plainly(ctx, error, answer, kind)
        return None

    def _answer_plainly(
        self, ctx: Context, error: BaseException, answer: HttpError, kind: Kind
    ) -> None:
        if self._tell is not None:
            self._tell(ctx, error, answer, kind)
            return
        is_page = kind == "html" and answer.status >= 500
        if not (is_page and redirect(ctx, error, answer.status, self._options.error_page_url)):
            plain.answer(ctx, answer, kind)

    def _handle(
        self, ctx: Context, error: BaseException, handler: Callable[..., object]
    ) -> Awaitable[object] | None:
        result = handler(error, ctx)
        if inspect.isawaitable(result):
            return cast("Awaitable[object]", result)
        if result is not None:
            ctx.body = result
        return None

    def _finish(
        self, ctx: Context, error: BaseException, result: Awaitable[object]
    ) -> Coroutine[object, object, None]:
        async def finish() -> None:
            try:
                body = await result
            except Exception as exc:
                self._answer_failure(ctx, error, exc)
                return
            if body is not None:
                ctx.body = body

        return finish()

    def _answer_failure(self, ctx: Context, error: BaseException, exc: Exception) -> None:
        """Answers an error whose answer has failed; in env local both are shown."""
        if exc is not error and exc.__cause__ is None and exc.__context__ is None:
            exc.__context__ = error
        self._app.log_error(exc, ctx, 500)
        self._app.emitter.error(exc, ctx)
        ctx.response.reset()
        kind: Kind = "html"
        try:
            kind = kind_of(ctx, None, is_local=self._is_local)
            if self._tell is not None:
                self._tell(ctx, exc, HttpError(500), kind)
                return
        except Exception as second:
            self._app.log_error(second, ctx, 500)
            ctx.response.reset()
        plain.answer(ctx, HttpError(500), kind)
