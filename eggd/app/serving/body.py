"""From `ctx` to the wire: status, head and payload in one write (core:RES-1..8, META-1)."""

from __future__ import annotations

from time import perf_counter

from eggd.app.context.context import Context
from eggd.app.context.response import EMPTY, phrase
from eggd.app.serving.json import dumps
from eggd.http.answer import OWN_FIELDS, closes

_TEXT = b"Content-Type: text/plain; charset=utf-8\r\n"
_HTML = b"Content-Type: text/html; charset=utf-8\r\n"
_BYTES = b"Content-Type: application/octet-stream\r\n"
_BELOW_A_MS = [b"X-Readtime: 0.%03d\r\n" % micros for micros in range(1000)]
"""The usual lines; to write a number is dear."""
_BINARY = (bytes, bytearray, memoryview)
_JSON = b"Content-Type: application/json; charset=utf-8\r\n"


def payload(ctx: Context) -> tuple[bytes, bytes]:
    """Returns the Content-Type line that the body implies, and the body's bytes (core:RES-2)."""
    body = ctx._body
    if isinstance(body, str):
        data = body.encode()
        return (_HTML if body.lstrip()[:1] == "<" else _TEXT), data
    if isinstance(body, _BINARY):
        return _BYTES, bytes(body)
    if body is not None:
        if ctx._fields and "json" not in ctx.type:  # JSON always says so (core:RES-3)
            ctx.remove("Content-Type")
        return _JSON, dumps(body)
    if ctx._status in EMPTY or ctx._null:
        return b"", b""
    return _TEXT, phrase(ctx._status).encode()


def head(ctx: Context, implied: bytes, timing: bytes) -> bytes:
    """Returns the field lines of the response; Content-Length, Date and Connection come later."""
    if not ctx._fields:
        return implied + timing
    if "content-type" in ctx._fields:
        implied = b""
    if "connection" in ctx._fields and any(map(closes, ctx._fields["connection"][1])):
        ctx.exchange.close_after()
    lines = "".join(
        f"{name}: {value}\r\n"
        for key, (name, values) in ctx._fields.items()
        for value in values
        if key not in OWN_FIELDS
    )
    return implied + lines.encode("latin-1") + timing


def readtime(ctx: Context) -> bytes:
    """Returns the X-Readtime line, milliseconds with three decimals, or b"" (core:META-1)."""
    if not ctx.app.meta_enabled:
        return b""
    micros = int((perf_counter() - ctx.started) * 1e6)
    if micros < 1000:
        return _BELOW_A_MS[micros]
    return b"X-Readtime: %d.%03d\r\n" % divmod(micros, 1000)


def respond(ctx: Context, *, timed: bool = True) -> None:
    """Sends the whole response in one write; nothing happens where one was already started.

    Without `timed` it does not tell the time spent, as no answer to an error does (core:META-1).
    """
    exchange = ctx.exchange
    if exchange.started:
        return
    implied, data = payload(ctx)
    exchange.send(ctx._status, head(ctx, implied, readtime(ctx) if timed else b""), data)
