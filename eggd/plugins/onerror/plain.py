"""Answers without details: for clients in prod, and where a richer answer fails (core:ERR-5, 6)."""

from __future__ import annotations

import re

from eggd import Context, HttpError, dumps, escape_html, phrase, without_secrets
from eggd.plugins.onerror.fields import SNIFF, fix
from eggd.plugins.onerror.kinds import Kind

_NOT_A_NAME = re.compile(r"[^\w$.\[\]]", re.ASCII)
_LONGEST_NAME = 50
_SCRIPT = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "<": "\\u003c"})


def answer(ctx: Context, error: HttpError, kind: Kind) -> None:
    """Sets the body of one kind; the message of an error that is not exposed is its phrase."""
    if kind == "json":
        ctx.body = details(error)
    elif kind == "js":
        set_script(ctx, details(error))
    elif kind == "text":
        ctx.type = "text"
        ctx.body = f"{error.status} {_text(error)}\n"
    else:
        ctx.type = "html"
        ctx.body = _html(error)


def details(error: HttpError) -> dict[str, object]:
    """Returns code, message and errors; `code` and `errors` only if the error has them."""
    body: dict[str, object] = {"code": error.code} if error.code else {}
    body["message"] = message(error)
    if error.expose and error.errors is not None:
        body["errors"] = error.errors
    return body


def message(error: HttpError) -> str:
    """Returns the message that a client may read, secrets masked."""
    return without_secrets(error.message) if error.expose else phrase(error.status)


def set_script(ctx: Context, body: object) -> None:
    """Sets a body that calls the function of a JSONP request (core:ERR-10)."""
    fix(ctx, SNIFF)
    ctx.set("Content-Type", "application/javascript; charset=utf-8")
    create = getattr(ctx, "create_jsonp_body", None)
    if create is not None:
        ctx.body = create(body)
        return
    query = ctx.query
    given = query.get("_callback") or query.get("callback") or ""
    name = _NOT_A_NAME.sub("", given[: 8 * _LONGEST_NAME])[:_LONGEST_NAME]
    text = dumps(body).decode().translate(_SCRIPT)
    ctx.body = f"/**/ typeof {name} === 'function' && {name}({text});" if name else text


def _text(error: HttpError) -> str:
    title, text = phrase(error.status), message(error)
    return title if text == title else f"{title}: {text}"


def _html(error: HttpError) -> str:
    title, text = phrase(error.status), message(error)
    more = f"<p>{escape_html(text)}</p>" if text != title else ""
    if error.status < 500:
        return f"<h2>{error.status} {escape_html(title)}</h2>{more}"
    return f"<h2>Internal Server Error, real status: {error.status}</h2>{more}"
