"""`config.on_client_error`: custom responses to malformed requests (core:APP-9)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Iterator, Mapping
from typing import Any

from eggd.app.config import AppConfig
from eggd.errors import EggError, HttpError
from eggd.http.answer import Refusal, Refuse, default_refusal, status_line

_good_name = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_control = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]").search
_OWN_FIELDS = frozenset(("connection", "content-length", "date", "keep-alive", "transfer-encoding"))
_KEYS = frozenset(("status", "headers", "body"))


def refuser(app: Any) -> Refuse:
    """Returns the function that answers malformed requests: the app's own, or that of http.

    If the app's function raises or returns an invalid response, that is logged and the error page
    is sent.
    """
    function = app.config[AppConfig].on_client_error
    if function is None:
        return default_refusal

    def refuse(error: HttpError, peer: tuple[str, int]) -> Refusal | Awaitable[Refusal]:
        try:
            result = function(error, peer, app)
            if inspect.isawaitable(result):
                return later(result, error, peer)
            return _refusal(result, error)
        except Exception as exc:
            app.core_logger.error(exc)
            app.emitter.error(exc)
            return default_refusal(error, peer)

    async def later(result: Awaitable[object], error: HttpError, peer: tuple[str, int]) -> Refusal:
        try:
            return _refusal(await result, error)
        except Exception as exc:
            app.core_logger.error(exc)
            app.emitter.error(exc)
            return default_refusal(error, peer)

    return refuse


def _refusal(result: object, error: HttpError) -> Refusal:
    """Returns the response that the app's function describes, completed by the error page."""
    page = default_refusal(error, ("", 0))
    if result is None:
        return page
    if not isinstance(result, Mapping) or not result.keys() <= _KEYS:
        raise EggError(
            f"on_client_error returned {result!r}", hint='a dict of "status", "headers", "body"'
        )
    status = result.get("status", error.status)
    status_line(status)  # raises ValueError for an invalid status
    body = result.get("body")
    fields = "".join(_lines(result.get("headers", {}))).encode("latin-1")
    if body is None:
        return Refusal(status, fields or page.fields, page.body)
    return Refusal(status, fields, body.encode() if isinstance(body, str) else bytes(body))


def _lines(headers: Mapping[str, object]) -> Iterator[str]:
    for name, value in headers.items():
        if not _good_name(name):
            raise EggError(f"on_client_error returned an invalid header name {name!r}")
        if name.lower() in _OWN_FIELDS:
            continue
        for each in value if isinstance(value, list | tuple) else (value,):
            yield f"{name}: {_one_line(name, str(each))}\r\n"


def _one_line(name: str, value: str) -> str:
    """Returns a value without line breaks, which would begin another field (core:APP-9)."""
    value = value.replace("\r", "").replace("\n", "")
    if _control(value):
        raise EggError(f"on_client_error returned a control character in header {name}: {value!r}")
    return value
