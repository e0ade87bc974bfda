"""The default answer to a failed request (core:CTX-11)."""

from __future__ import annotations

from eggd.app.context.answer import Answer
from eggd.errors import HttpError, phrase
from eggd.masking.known import without_known
from eggd.wire.html_text import escape_html


def answer_error(answer: Answer, error: BaseException, *, as_json: bool) -> None:
    """Sets status, header fields and body from an error, as JSON or as an HTML page.

    A status below 500 shows the error's message, with credentials masked, any other only the phrase
    of its status. Errors other than HttpError are 500.
    """
    http_error = error if isinstance(error, HttpError) else HttpError(500)
    usual = phrase(http_error.status)
    message = without_known(http_error.message) if http_error.expose else usual
    answer.status = http_error.status
    answer.set(http_error.headers)
    if as_json:
        answer.body = error_body(http_error, message)
    else:
        more = f"<p>{escape_html(message)}</p>" if message != usual else ""
        answer.body = f"<h1>{http_error.status} {escape_html(usual)}</h1>{more}"


def error_body(error: HttpError, message: str) -> dict[str, object]:
    """Returns the JSON of an answer: `code` and `errors` only where the error has them."""
    body: dict[str, object] = {"code": error.code} if error.code else {}
    body["message"] = message
    if error.expose and error.errors is not None:
        body["errors"] = error.errors
    return body
