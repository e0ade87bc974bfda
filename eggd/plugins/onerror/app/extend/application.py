"""`app.error_answers`, and the log lines of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd

if TYPE_CHECKING:
    from eggd.plugins.onerror.answers import ErrorAnswers


class Application(eggd.Application):
    """An application whose errors are answered and logged as the config says."""

    error_answers: ErrorAnswers

    def log_error(
        self, error: BaseException, ctx: eggd.Context | None = None, status: int = 0
    ) -> None:
        """Logs an error by the status of its answer, unless `app_error_filter` returns False."""
        answers = self.__dict__.get("error_answers")
        if answers is None:  # an error of the start
            super().log_error(error, ctx, status)
            return
        answers.record_log(ctx, is_paused=True)
        if answers.is_logged(error, ctx):
            super().log_error(error, ctx, status or answers.status_of(error))
        answers.record_log(ctx, is_paused=False)
