"""The bytes of a response: status, header fields and content in one write (core:RES-1..8)."""

from __future__ import annotations

from time import perf_counter

from eggd.app.context.context import Context
from eggd.app.context.response import Response
from eggd.app.serving.json import dumps
from eggd.errors import phrase
from eggd.http import FixedFields
from eggd.http.answer import closes

_TEXT = b"Content-Type: text/plain; charset=utf-8\r\n"
_HTML = b"Content-Type: text/html; charset=utf-8\r\n"
_BYTES = b"Content-Type: application/octet-stream\r\n"
_JSON = b"Content-Type: application/json; charset=utf-8\r\n"
_BINARY = (bytes, bytearray, memoryview)
_BELOW_A_MS = [b"X-Readtime: 0.%03d\r\n" % micros for micros in range(1000)]
"""The usual lines: formatting a number is expensive."""


def respond(ctx: Context) -> None:
    """Sends the whole response in one write; does nothing if one was already started."""
    exchange = ctx.exchange
    if not exchange.started:
        response = ctx.response
        lines, data = payload(response)
        if response.fields:
            lines = field_lines(response, lines)
        exchange.send(response.code, lines + readtime(ctx), data)


def respond_to_error(ctx: Context) -> None:
    """Does the same for an error, whose answer has no X-Readtime (core:META-1)."""
    exchange, response = ctx.exchange, ctx.response
    if not exchange.started:
        implied, data = payload(response)
        exchange.send(response.code, field_lines(response, implied), data)


def payload(response: Response) -> tuple[bytes, bytes]:
    """Returns the Content-Type line that the body implies, and the body's bytes (core:RES-2)."""
    body = response.content
    # A dict is known by its class: `isinstance` takes 350 instructions for each class that fails.
    if type(body) is not dict:
        if isinstance(body, str):
            data = body.encode()
            return (_HTML if body.lstrip()[:1] == "<" else _TEXT), data
        if isinstance(body, _BINARY):
            return _BYTES, bytes(body)
    if body is not None:
        # Every other type is replaced: JSON is always declared as JSON (core:RES-3).
        if response.fields and "json" not in response.type:
            response.remove("Content-Type")
        return _JSON, dumps(body)
    if response.is_empty:
        return b"", b""
    return _TEXT, phrase(response.code).encode()


def field_lines(response: Response, implied: bytes) -> bytes:
    """Returns the field lines of the response; http adds Content-Length, Date and Connection.

    `implied` is the Content-Type line of a response without one.
    """
    fields = response.fields
    if not fields:
        return implied
    if "content-type" in fields:
        implied = b""
    if "connection" in fields and any(map(closes, fields["connection"][1])):
        response.exchange.close_after()
    fixed = response.exchange.fixed
    if not fixed.own.isdisjoint(fields):
        _report(response, fixed)
    lines = ""
    for key, (name, values) in fields.items():
        if key not in fixed.names:
            for value in values:
                lines += f"{name}: {value}\r\n"
    return implied + lines.encode("latin-1")


def _report(response: Response, fixed: FixedFields) -> None:
    """Warns, once for each name, of a field that a handler has set without effect."""
    for key in sorted(fixed.own.intersection(response.fields) - fixed.reported):
        fixed.reported.add(key)
        response.app.loggers.core_logger.warning(
            "%s of a handler has no effect: the field is fixed for all responses"
            " (ctx.security_options changes it for one)",
            response.fields[key][0],
        )


def readtime(ctx: Context) -> bytes:
    """Returns the X-Readtime line, milliseconds with three decimals, or b"" (core:META-1)."""
    if not ctx.app.meta_enabled:
        return b""
    micros = int((perf_counter() - ctx.started) * 1e6)
    if micros < 1000:
        return _BELOW_A_MS[micros]
    return b"X-Readtime: %d.%03d\r\n" % divmod(micros, 1000)
