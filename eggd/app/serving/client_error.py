"""`config.on_client_error`: the app's own word to a client whose request was none (core:APP-9)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Iterator, Mapping
from typing import Any

from eggd.app.config import AppConfig
from eggd.errors import EggError, HttpError
from eggd.http.answer import status_line
from eggd.http.refusal import Refusal, Refuse, usual

_good_name = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_control = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]").search
_OURS = frozenset(("connection", "content-length", "date", "keep-alive", "transfer-encoding"))
_KEYS = frozenset(("status", "headers", "body"))


def refuser(app: Any) -> Refuse:
    """Returns what answers clients whose requests are none: the config's function, or the page.

    What the function raises, or returns that is no answer, is logged, and the page is sent.
    """
    asked = app.config[AppConfig].on_client_error
    if asked is None:
        return usual

    def refuse(error: HttpError, peer: tuple[str, int]) -> Refusal | Awaitable[Refusal]:
        try:
            made = asked(error, peer, app)
            return later(made, error, peer) if inspect.isawaitable(made) else _refusal(made, error)
        except Exception as exc:
            app.core_logger.error(exc)
            app.emitter.error(exc)
            return usual(error, peer)

    async def later(made: Awaitable[Any], error: HttpError, peer: tuple[str, int]) -> Refusal:
        try:
            return _refusal(await made, error)
        except Exception as exc:
            app.core_logger.error(exc)
            app.emitter.error(exc)
            return usual(error, peer)

    return refuse


def _refusal(made: object, error: HttpError) -> Refusal:
    """Returns what the app's function made, with the page for what it left out."""
    page = usual(error, ("", 0))
    if made is None:
        return page
    if not isinstance(made, Mapping) or not made.keys() <= _KEYS:
        raise EggError(
            f"on_client_error returned {made!r}", hint='a dict of "status", "headers", "body"'
        )
    status = made.get("status", error.status)
    status_line(status)  # ValueError for what is none
    body = made.get("body")
    fields = "".join(_lines(made.get("headers", {}))).encode("latin-1")
    if body is None:
        return Refusal(status, fields or page.fields, page.body)
    return Refusal(status, fields, body.encode() if isinstance(body, str) else bytes(body))


def _lines(headers: Mapping[str, object]) -> Iterator[str]:
    for name, value in headers.items():
        if not _good_name(name):
            raise EggError(f"on_client_error returned a header of the name {name!r}")
        if name.lower() in _OURS:
            continue
        for each in value if isinstance(value, list | tuple) else (value,):
            yield f"{name}: {_one_line(name, str(each))}\r\n"


def _one_line(name: str, value: str) -> str:
    """Returns a value without its line breaks: nobody adds a field by one (core:APP-9)."""
    value = value.replace("\r", "").replace("\n", "")
    if _control(value):
        raise EggError(f"on_client_error returned a control character in header {name}: {value!r}")
    return value
