"""Parses JSON, form, text and XML bodies into `ctx.request.body`, before the app's middleware.

Limits apply to a declared length before a byte is read, and to the content of a compressed body
after decompression (core:BODY-1..10).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eggd.app.config import BODY_TYPES, BodyParserConfig
from eggd.app.context.context import Context
from eggd.app.context.request import Request
from eggd.app.loading.path_condition import path_condition
from eggd.app.serving.json_read import is_poisoned, may_be_poisoned, read_json, remove_poisoned
from eggd.errors import HttpError
from eggd.wire.form import FormLimits, parse_form
from eggd.wire.inflate import ENCODINGS, CorruptError, TooMuchError, coding_of, inflate
from eggd.wire.negotiate import media_type

_ADVICE = ", check body_parser config"

_LARGE = 64 * 1024
"""Bodies of this many bytes or more are parsed in a thread, so that other requests are served."""

_BOM = b"\xef\xbb\xbf"

_NESTING = (b"{", b"[")

Parse = Callable[[bytes], object]


class BodyParser:
    """Sets `request.body` and `request.raw_body`; a body of another type stays unread."""

    def __init__(self, config: BodyParserConfig) -> None:
        """Raises ConfigError for an invalid `match` or `ignore` pattern."""
        kinds: dict[str, tuple[Parse, int]] = {
            "json": (_json_parser(config), config.json_limit),
            "form": (_form_parser(config), config.form_limit),
            "text": (_text, config.text_limit),
            "xml": (_text, config.xml_limit),
        }
        self._condition = path_condition(config.match, config.ignore, "body_parser")
        self._types = {
            name.lower(): (*kinds[kind], min(kinds[kind][1], _LARGE))
            for kind in config.enable_types
            for name in (*BODY_TYPES[kind], *getattr(config.extend_types, kind))
        }

    async def __call__(self, ctx: Context) -> None:
        """Parses the body of one request. Raises HttpError 400, 413 or 415."""
        if not self._applies(ctx):
            ctx.request.body = None
            return
        kind = ctx.exchange.headers.get("content-type")
        entry = self._types.get(kind) or self._types.get(media_type(kind))
        if entry is not None:
            parse, limit, small = entry
            data = await _read(ctx, limit)
            if len(data) <= small:
                _take(ctx.request, parse, data)
            else:
                await asyncio.to_thread(_take, ctx.request, parse, data)

    def at_once(self, ctx: Context) -> bool:
        """Parses a body that arrived with its head and has no coding, as most bodies do.

        Returns False for any other body, which `__call__` parses. Raises as that does.
        """
        exchange = ctx.exchange
        content = exchange.content
        if content is None or not self._applies(ctx):
            return False
        headers = exchange.headers
        entry = self._types.get(headers.get("content-type"))
        if entry is None or len(content) > entry[2] or "content-encoding" in headers:
            return False
        _take(ctx.request, entry[0], content)
        return True

    def _applies(self, ctx: Context) -> bool:
        if self._condition is not None and not self._condition(ctx):
            return False
        return not getattr(ctx, "disable_body_parser", False)


class NoParser:
    """The parser of an app without one: bodies stay unread."""

    async def __call__(self, ctx: Context) -> None:
        """Does nothing."""

    def at_once(self, ctx: Context) -> bool:
        """Returns True: nothing is left to do."""
        return True


def _take(request: Request, parse: Parse, data: bytes) -> None:
    try:
        request.body = parse(data)
    except ValueError as exc:
        raise HttpError(400, f"{exc}{_ADVICE}") from exc
    request.raw_body = data


async def _read(ctx: Context, limit: int) -> bytes:
    """Returns the body without its coding; raises HttpError 400, 413 or 415."""
    coding = coding_of(ctx.request.get("content-encoding"))
    if coding and coding not in ENCODINGS:
        raise HttpError(
            415,
            f"unsupported content encoding {coding!r}{_ADVICE}",
            headers={"Accept-Encoding": ", ".join(ENCODINGS)},
        )
    try:
        data = await ctx.exchange.body.read(limit)
        return await asyncio.to_thread(inflate, data, coding, limit) if coding else data
    except TooMuchError as exc:
        raise HttpError(413, f"request entity too large{_ADVICE}") from exc
    except CorruptError as exc:
        raise HttpError(400, f"{exc}{_ADVICE}") from exc
    except HttpError as exc:
        if exc.status == 413:
            raise HttpError(413, f"request entity too large{_ADVICE}") from exc
        raise


def _json_parser(config: BodyParserConfig) -> Parse:
    strict, poison = config.strict, config.on_proto_poisoning

    def parse(data: bytes) -> object:
        if data[:1] in _NESTING:  # most bodies: an object or an array, or malformed
            value = read_json(data)
        else:
            if data[:3] == _BOM:  # may be ignored (RFC 8259 section 8.1)
                data = data[3:]
            if not data.strip():
                return {}
            value = read_json(data)
            if strict and not isinstance(value, dict | list):
                raise ValueError("invalid JSON, only supports object and array")
        if poison != "ignore" and may_be_poisoned(data) and is_poisoned(value):
            if poison == "error":
                raise ValueError("the object contains a forbidden prototype property")
            return remove_poisoned(value)
        return value

    return parse


def _form_parser(config: BodyParserConfig) -> Parse:
    limits = FormLimits(
        parameters=config.parameter_limit, depth=config.depth, array=config.array_limit
    )

    def parse(data: bytes) -> object:
        return parse_form(_text(data), limits)

    return parse


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", errors="replace")
