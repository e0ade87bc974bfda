"""The request: its fields with secrets masked, and the command of curl that repeats it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from urllib.parse import unquote_plus

from eggd import Context, without_secrets
from eggd.plugins.onerror.report.model import Pair, RequestFacts
from eggd.plugins.onerror.report.values import MASK, Values, is_hidden, text_of

_CONNECTION = frozenset(
    ("connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length")
)
_OF_CURL = _CONNECTION | {"host", "accept-encoding", "cookie", "user-agent", "if-none-match"}
_BODY = 8_000
"""Bytes of a body that the command repeats."""


def facts_of(ctx: Context, values: Values) -> RequestFacts:
    """Returns the facts of a request; fields of the connection are left out (core:ERR-8)."""
    request = ctx.request
    fields = [(str(name), str(value)) for name, value in request.headers.items()]
    return RequestFacts(
        ctx.method,
        text_of(url_without_secrets(ctx.original_url), 2_000),
        "HTTP/1.1",
        text_of(ctx.ip, 100),
        [_field(*each) for each in fields if each[0].lower() not in (*_CONNECTION, "cookie")],
        [
            Pair(text_of(name, 200), MASK if is_hidden(name) else text_of(", ".join(listed), 400))
            for name, listed in list(ctx.queries.items())[:60]
        ],
        _cookies(ctx.get("cookie")),
        _body(request.body, values),
        _curl(ctx, fields),
        text_of(ctx.log_trace, 200),
    )


def url_without_secrets(url: str) -> str:
    """Returns a URL whose query hides what the table of the query hides."""
    path, mark, query = url.partition("?")
    return f"{path}{mark}{_hidden(query)}"


def _hidden(form: str) -> str:
    """Returns a form or query in which the values of hidden names are masked."""
    return "&".join(_hidden_pair(each) for each in form.split("&"))


def _hidden_pair(text: str) -> str:
    name, _, value = text.partition("=")
    return f"{name}={MASK}" if value and is_hidden(unquote_plus(name)) else text


def _hidden_body(text: str) -> str:
    """Returns a body, JSON or a form, in which the values of hidden names are masked."""
    try:
        value = json.loads(text)
        masked = _hidden_value(value)
    except (ValueError, RecursionError):
        return _hidden(text)
    return text if masked == value else json.dumps(masked, ensure_ascii=False)


def _hidden_value(value: object) -> object:
    if isinstance(value, dict):
        return {key: MASK if is_hidden(key) else _hidden_value(each) for key, each in value.items()}
    return [_hidden_value(each) for each in value] if isinstance(value, list) else value


def _field(name: str, value: str, longest: int = 600) -> Pair:
    if name.lower() == "referer":
        value = url_without_secrets(value)
    return Pair(text_of(name, 200), MASK if is_hidden(name) else text_of(value, longest))


def _cookies(field: str) -> list[Pair]:
    """Returns the names of the cookies; their values belong to the visitor."""
    names = [each.partition("=")[0].strip() for each in field[:8_000].split(";")]
    return [Pair(text_of(name, 100), MASK) for name in names if name][:60]


def _body(body: object, values: Values) -> list[Pair]:
    if isinstance(body, Mapping):
        return values.pairs(body.items())
    return [] if body is None else [values.pair("body", body)]


def _curl(ctx: Context, fields: list[tuple[str, str]]) -> str:
    """Returns a command that repeats the request; secrets and cookies are to be filled in."""
    parts = ["curl -i"]
    if ctx.method not in ("GET", "HEAD"):
        parts[0] += f" -X {shlex.quote(ctx.method)}"
    elif ctx.method == "HEAD":
        parts[0] = "curl -I"
    parts.append(shlex.quote(text_of(url_without_secrets(ctx.href), 4_000)))
    for name, value in fields:
        if name.lower() not in _OF_CURL and not name.lower().startswith("sec-"):
            text = _field(name, value, 8_000).value
            parts.append(f"-H {shlex.quote(f'{name}: {text}')}")
    if ctx.get("cookie"):
        parts.append(f"-H {shlex.quote(f'cookie: {MASK}')}")
    raw = ctx.request.raw_body
    if (raw and len(raw) <= _BODY and raw.isascii()) or (raw and _is_text(raw)):
        parts.append(f"--data-raw {shlex.quote(without_secrets(_hidden_body(raw.decode())))}")
    return " \\\n  ".join(parts)


def _is_text(data: bytes) -> bool:
    if len(data) > _BODY:
        return False
    try:
        return data.decode().isprintable()
    except UnicodeDecodeError:
        return False
