"""JSON and form bodies become `ctx.request.body` before the app's middleware (core:BODY-*)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from eggd.app.config import BodyParserConfig
from eggd.app.context import Context
from eggd.app.json import loads
from eggd.errors import HttpError
from eggd.wire.negotiate import media_type

JSON_TYPES = frozenset(
    (
        "application/json",
        "application/json-patch+json",
        "application/vnd.api+json",
        "application/csp-report",
        "application/scim+json",
    )
)
FORM_TYPE = "application/x-www-form-urlencoded"


def body_parser(config: BodyParserConfig) -> Callable[[Context], Awaitable[None]]:
    """Return the step that fills `request.body`; it raises HttpError 400, 413 or 415."""

    async def parse(ctx: Context) -> None:
        request = ctx.request
        kind = media_type(request.get("content-type"))
        if kind in JSON_TYPES:
            request.raw_body = await _read(ctx, config.json_limit)
            request.body = _json(request.raw_body, strict=config.strict)
        elif kind == FORM_TYPE:
            request.raw_body = await _read(ctx, config.form_limit)
            request.body = _form(request.raw_body)

    return parse


async def _read(ctx: Context, limit: int) -> bytes:
    request = ctx.request
    if request.get("content-encoding") not in ("", "identity"):
        raise HttpError(415, "unsupported content encoding")
    try:
        return await ctx.exchange.body.read(limit)
    except HttpError as exc:
        if exc.status == 413:
            raise HttpError(413, "request entity too large, check bodyParser config") from exc
        raise


def _json(data: bytes, *, strict: bool) -> Any:
    if not data.strip():
        return {}
    value = loads(data)
    if strict and not isinstance(value, dict | list):
        raise HttpError(400, "invalid JSON, only supports object and array")
    return value


def _form(data: bytes) -> dict[str, str | list[str]]:
    try:
        pairs = parse_qs(data.decode("latin-1"), keep_blank_values=True, max_num_fields=1000)
    except ValueError as exc:
        raise HttpError(400, "too many form fields") from exc
    return {key: values[0] if len(values) == 1 else values for key, values in pairs.items()}
