"""`ctx.onerror`: what a client sees of a request that failed; replaceable (core:CTX-11).

An app puts its own `onerror` into `app/extend/context.py`, or a middleware into `ctx.onerror`. What
it sets on ctx is sent. That an error is logged, once, is not its affair.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eggd.app.context.response import phrase
from eggd.errors import EggError, HttpError


class Responder:
    """The responder that `Context` has."""

    __slots__ = ()
    if TYPE_CHECKING:
        status: Any
        body: Any
        request: Any
        set: Callable[..., None]

    def onerror(self, error: BaseException) -> Any:
        """Sets the answer to an error; drops the body and the fields that describe it.

        Other fields set before are kept. The status is 500 until it is set.

        A status below 500 shows its message, any other only the phrase of its status. A custom
        handler may be async; if it raises, the exception is logged and answered with 500.
        """
        answer = error if isinstance(error, HttpError) else HttpError(500)
        usual = phrase(answer.status)
        message = answer.message if answer.expose else usual
        self.status = answer.status
        for name, value in answer.headers.items():
            self.set(name, value)
        if self._wants_json():
            self.body = {"message": message}
        else:
            more = f"<p>{html.escape(message)}</p>" if message != usual else ""
            self.body = f"<h1>{answer.status} {html.escape(usual)}</h1>{more}"

    def _wants_json(self) -> bool:
        try:
            return bool(self.request.accept_json)
        except (EggError, HttpError):
            return False
