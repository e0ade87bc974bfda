"""The options of a request: their names, types, and the combinations without effect."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from typing import IO, Literal, TypedDict

from eggd.calling import check_function
from eggd.errors import ArgumentError, ConfigError
from eggd.httpclient.response import HttpClientResponse
from eggd.spelling import plain, suggestion_or_list

DataType = Literal["", "text", "json", "stream"]
"""The type of `response.data`: bytes, text, the value of the JSON, or a `BodyStream`."""

Timeout = float | str | tuple[float | str, float | str] | list[float | str]
"""Seconds, or text such as "500ms"; two of them: until the head, and without a byte of the body."""

Upload = AsyncIterable[bytes] | Iterable[bytes] | IO[bytes]
"""A body that is sent while it is produced."""


class CurlOptions(TypedDict, total=False):
    """The keyword arguments of `ctx.curl` beside `data_type`."""

    method: str
    data: object
    content: bytes | str
    content_type: str
    stream: Upload
    files: object
    headers: Mapping[str, object]
    data_as_query_string: bool
    nested_querystring: bool
    timeout: Timeout
    connect_timeout: float | str
    total_timeout: float | str
    max_size: int | str
    auth: str
    digest_auth: str
    follow_redirect: bool
    max_redirects: int
    retry: int
    retry_delay: float | str
    is_retry: Callable[[HttpClientResponse[object]], bool]
    socket_error_retry: int
    compressed: bool
    proxy: str
    socket_path: str
    write_stream: IO[bytes]
    tracer: object
    ctx: object


KNOWN = frozenset(CurlOptions.__annotations__)

_INSTEAD = {
    "gzip": "use compressed",
    "streaming": "use data_type='stream'",
    "custom_response": "use data_type='stream'",
    "consume_write_stream": "write_stream is always written to its end",
    "timing": "response.res.timing is always there",
    "params": "use data, which is the query of a GET",
    "query": "use data, which is the query of a GET",
    "json": "use data with content_type='json'",
    "body": "use content",
    "allow_redirects": "use follow_redirect",
    "follow_redirects": "use follow_redirect",
    "enable_proxy": "set proxy",
    "reject_unauthorized": "set config.httpclient.verify",
    "verify": "set config.httpclient.verify",
    "allow_h2": "set config.httpclient.allow_h2",
    "agent": "connections are configured in config.httpclient",
    "https_agent": "connections are configured in config.httpclient",
    "dispatcher": "connections are configured in config.httpclient",
    "fix_json_ctl_chars": "use data_type='text', and json.loads(data, strict=False)",
    "format_redirect_url": "use follow_redirect=False",
    "before_request": "use app.httpclient.on('request', listener)",
    "check_address": "use ctx.safe_curl or app.create_http_client(check_address=...)",
}
"""Options of Egg and of other clients that eggd does not have, each with its replacement."""

_NEEDS = {
    "is_retry": ("retry",),
    "retry_delay": ("retry",),
    "content_type": ("data", "content", "stream"),
    "nested_querystring": ("data",),
    "data_as_query_string": ("data",),
}
"""Options without effect unless one of the others is set."""

_EXCLUDES = {
    "content": ("data", "stream", "files"),
    "stream": ("data", "files"),
    "auth": ("digest_auth",),
    "files": ("content_type",),
    "socket_path": ("proxy",),
}
"""Options that cannot be combined."""


def check(options: Mapping[str, object], data_type: str) -> None:
    """Raises ArgumentError for an unknown option and for one without effect."""
    if unknown := options.keys() - KNOWN:
        name = min(unknown)
        raise ArgumentError(f"curl: {name}: unknown option", hint=_hint(name))
    if data_type not in ("", "text", "json", "stream"):
        raise ArgumentError(
            f"curl: data_type must be '', 'text', 'json' or 'stream', not {data_type!r}"
        )
    # The combinations cost time, and most calls have few options.
    present = {name for name, value in options.items() if value is not None}
    for name in present & _NEEDS.keys():
        if not present & set(_NEEDS[name]):
            needed = " or ".join(_NEEDS[name])
            raise ArgumentError(f"curl: {name} has no effect without {needed}")
    for name in present & _EXCLUDES.keys():
        if clash := present & set(_EXCLUDES[name]):
            raise ArgumentError(f"curl: {name} and {min(clash)} cannot be combined")
    if data_type and "write_stream" in present:
        raise ArgumentError(f"curl: data_type={data_type!r} has no effect with write_stream")
    if options.get("follow_redirect") is False and options.get("max_redirects"):
        raise ArgumentError("curl: max_redirects has no effect with follow_redirect=False")
    _check_stream(present)
    if "is_retry" in present:
        _check_decision(options["is_retry"])


def _check_stream(present: set[str]) -> None:
    """A streamed body can be sent once only (core:HTTP-4b)."""
    if "stream" in present:
        for name in ("retry", "max_redirects", "socket_error_retry", "digest_auth"):
            if name in present:
                raise ArgumentError(
                    f"curl: {name} has no effect with stream, which is sent only once"
                )


def _check_decision(function: object) -> None:
    """Raises ArgumentError for an `is_retry` that cannot be called with a response alone."""
    try:
        check_function("is_retry", function, "response")
    except ConfigError as exc:
        raise ArgumentError(f"curl: {exc.message}", hint=exc.hint) from None


def _hint(name: str) -> str:
    for other, text in _INSTEAD.items():
        if plain(other) == plain(name):
            return text
    return suggestion_or_list(name, sorted(KNOWN | {"data_type"}), "options")
