"""From a URL and options to the request that is sent (core:HTTP-4)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from eggd.config.measures import BadValueError, seconds, size
from eggd.errors import ArgumentError
from eggd.httpclient import content, multipart, options, url
from eggd.httpclient.config import PROXY_HINT, HttpClientConfig, RequestDefaults, is_proxy
from eggd.httpclient.content import Body
from eggd.httpclient.headers import checked_fields
from eggd.httpclient.outgoing import CheckAddress, Limits, Outgoing
from eggd.httpclient.url import Url
from eggd.version import __version__
from eggd.wire.trace import child_of, new_trace, request_id_of

USER_AGENT = f"eggd/{__version__}"
_METHODS = frozenset("GET HEAD POST PUT DELETE PATCH OPTIONS QUERY PROPFIND REPORT SEARCH".split())
ASKING = ("GET", "HEAD")
"""Methods without a body, whose data is the query."""
_ACCEPT_ENCODING = "gzip, br"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BODY_OPTIONS = ("content", "stream", "files")

Value = TypeVar("Value")


def build(
    text: str,
    given: Mapping[str, object],
    data_type: str,
    config: HttpClientConfig,
    check_address: CheckAddress | None,
    now: float,
) -> Outgoing:
    """Returns the request; `now` is the time of the loop.

    Raises ArgumentError for an option, HttpClientUrlError for the URL."""
    options.check(given, data_type)
    target = url.parse(text)
    method = _method(given)
    fields = checked_fields({**config.request.headers, **_mapping(given, "headers")})
    length = _length(fields, given)
    in_query = method in ASKING or _flag(given, "data_as_query_string")
    body = _body(given, method, fields, length, in_query=in_query)
    target = _with_data(target, given) if in_query else target
    streams = data_type == "stream" or given.get("write_stream") is not None
    compressed = _flag(given, "compressed", default=config.request.compressed)
    _add_fields(fields, target, given, data_type, config, compressed=compressed)
    _add_ids(fields, given.get("ctx"), config)
    _add_type(fields, body)
    is_streamed = streams or (body is not None and not body.repeatable)
    return Outgoing(
        method=method,
        url=replace(target, user="") if target.user else target,
        fields=fields,
        body=body,
        limits=_limits(given, config.request, now, is_streamed=is_streamed),
        follows=_flag(given, "follow_redirect", default=config.request.follow_redirect)
        and (body is None or body.repeatable),
        streams=streams,
        decodes=compressed or not streams,
        digest=_login(given, "digest_auth"),
        proxy=_proxy(given, config, check_address),
        socket_path=_socket_path(given, check_address),
        check_address=check_address,
    )


def number(given: Mapping[str, object], name: str, default: int) -> int:
    """Returns an option that is a number of times. Raises ArgumentError."""
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ArgumentError(f"curl: {name} must be a whole number from 0, not {value!r}")
    return value


def duration(given: Mapping[str, object], name: str, default: float) -> float:
    """Returns an option that is a duration, in seconds. Raises ArgumentError."""
    value = given.get(name)
    return default if value is None else _seconds(name, value)


def _seconds(name: str, value: object) -> float:
    try:
        return seconds(value)
    except BadValueError as exc:
        raise ArgumentError(f"curl: {name} must be {exc}, not {value!r}") from None


def _method(given: Mapping[str, object]) -> str:
    method = given.get("method")
    if method is None:
        return "POST" if given.get("files") is not None else "GET"
    upper = method.upper() if isinstance(method, str) else ""
    if upper not in _METHODS:
        known = ", ".join(sorted(_METHODS))
        raise ArgumentError(f"curl: method: {method!r} is not supported", hint=f"known: {known}")
    return upper


def _with_data(target: Url, given: Mapping[str, object]) -> Url:
    """Returns the URL with `data` as its query, if there is any."""
    data = given.get("data")
    if data is None:
        return target
    nested = _flag(given, "nested_querystring")
    return target.with_query(content.query_string(data, nested=nested))


def _body(
    given: Mapping[str, object],
    method: str,
    fields: Mapping[str, str],
    length: int | None,
    *,
    in_query: bool,
) -> Body | None:
    """Returns the body; None for GET and HEAD. With `in_query`, `data` is not a part of it."""
    asks = method in ASKING
    for name in _BODY_OPTIONS:
        if asks and given.get(name) is not None:
            raise ArgumentError(f"curl: {name} has no effect with {method}", hint="set method")
    kind = _text(given, "content_type")
    data = given.get("data")
    nested = _flag(given, "nested_querystring")
    if given.get("files") is not None:
        return multipart.from_files(given["files"], data)
    if given.get("content") is not None:
        return content.from_content(given["content"], kind)
    if given.get("stream") is not None:
        return content.from_stream(given["stream"], kind, length)
    if asks and kind:
        raise ArgumentError(f"curl: content_type has no effect with {method}", hint="set method")
    if data is None or in_query:
        return None if asks else Body()
    return content.from_data(data, kind or fields.get("content-type", ""), nested=nested)


def _length(fields: dict[str, str], given: Mapping[str, object]) -> int | None:
    """Returns the length of a stream, which the field `content-length` may tell."""
    text = fields.pop("content-length", None)
    if text is None:
        return None
    if given.get("stream") is None or not (text.isascii() and text.isdecimal()):
        raise ArgumentError(
            "curl: headers: content-length is set by the client itself",
            hint="only the length of a stream can be set",
        )
    return int(text)


def _add_fields(
    fields: dict[str, str],
    target: Url,
    given: Mapping[str, object],
    data_type: str,
    config: HttpClientConfig,
    *,
    compressed: bool,
) -> None:
    if data_type == "json":
        fields.setdefault("accept", content.JSON)
    agent = USER_AGENT if config.user_agent is None else config.user_agent
    if not fields.setdefault("user-agent", agent):
        del fields["user-agent"]
    if compressed:
        fields.setdefault("accept-encoding", _ACCEPT_ENCODING)
    user = _login(given, "auth")
    if user and target.user:
        raise ArgumentError("curl: auth and a user in the URL cannot be combined")
    if (user or target.user) and "authorization" in fields:
        raise ArgumentError("curl: auth and the field authorization cannot be combined")
    if user or target.user:
        login = user or target.user
        raw = (login if ":" in login else f"{login}:").encode("utf-8", "surrogateescape")
        fields["authorization"] = f"Basic {base64.b64encode(raw).decode()}"


def _add_type(fields: dict[str, str], body: Body | None) -> None:
    if body is not None and body.type and "content-type" not in fields:
        fields |= checked_fields({"content-type": body.type}, "content_type")


def _add_ids(fields: dict[str, str], ctx: object, config: HttpClientConfig) -> None:
    """Adds the fields that name the trace and the request, unless they are given."""
    if parent := _traceparent(fields, ctx, config):
        fields["traceparent"] = parent
        if state := str(getattr(ctx, "tracestate", "")):
            fields.setdefault("tracestate", state)
    own = str(getattr(ctx, "trace_id", "")) if config.request_id else ""
    if "x-request-id" not in fields and request_id_of(own):
        fields["x-request-id"] = own


def _traceparent(fields: Mapping[str, str], ctx: object, config: HttpClientConfig) -> str:
    """Returns the field `traceparent`, "" if the request has one or the config says never."""
    setting = config.traceparent
    if setting == "never" or "traceparent" in fields or (ctx is None and setting == "ctx"):
        return ""
    parent = str(getattr(ctx, "traceparent", ""))
    return child_of(parent) if parent else new_trace()


def _limits(
    given: Mapping[str, object], defaults: RequestDefaults, now: float, *, is_streamed: bool
) -> Limits:
    head, idle = _timeout(given.get("timeout", defaults.timeout))
    total = duration(given, "total_timeout", 0.0 if is_streamed else defaults.total_timeout)
    if total and "timeout" in given and max(head, idle) > total:
        raise ArgumentError(
            f"curl: timeout={given['timeout']!r} has no effect, as total_timeout ends the request"
            f" after {total:g} seconds",
            hint="raise total_timeout, too; Egg's are milliseconds",
        )
    largest = given.get("max_size")
    try:
        limit = size(largest) if largest is not None else 0 if is_streamed else defaults.max_size
    except BadValueError as exc:
        raise ArgumentError(f"curl: max_size must be {exc}, not {largest!r}") from None
    return Limits(
        connect=_limit("connect_timeout", given.get("connect_timeout", defaults.connect_timeout)),
        head=head,
        idle=idle,
        total=total,
        deadline=now + total if total else 0.0,
        size=limit,
    )


def _timeout(value: object) -> tuple[float, float]:
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise ArgumentError("curl: timeout must have one or two durations")
        return _limit("timeout", value[0]), _limit("timeout", value[1])
    both = _limit("timeout", value)
    return both, both


def _limit(name: str, value: object) -> float:
    """Returns a limit of time in seconds. Raises ArgumentError for 0, which no server meets."""
    limit = _seconds(name, value)
    if not limit:
        raise ArgumentError(f"curl: {name} must be above 0, not {value!r}")
    return limit


def _proxy(
    given: Mapping[str, object], config: HttpClientConfig, check_address: CheckAddress | None
) -> str:
    """Returns the proxy, "" for a client that checks addresses: a proxy would hide them."""
    if check_address is None:
        proxy = _text(given, "proxy", default=config.proxy)
        if not is_proxy(proxy):
            raise ArgumentError("curl: proxy is not the URL of a proxy", hint=PROXY_HINT)
        return proxy
    if given.get("proxy"):
        raise ArgumentError("curl: proxy cannot be combined with check_address")
    return ""


def _socket_path(given: Mapping[str, object], check_address: CheckAddress | None) -> str:
    path = _text(given, "socket_path")
    if path and check_address is not None:
        raise ArgumentError("curl: socket_path cannot be combined with check_address")
    if path and (not path.startswith("/") or "\0" in path):
        raise ArgumentError(f"curl: socket_path must be an absolute path, not {path!r}")
    return path


def _login(given: Mapping[str, object], name: str) -> str:
    """Returns `USER:PASSWORD`; libcurl would send a line break of a user as one (RFC 7616)."""
    login = _text(given, name)
    if login and (":" not in login or _CONTROL.search(login)):
        raise ArgumentError(f"curl: {name} must be 'USER:PASSWORD' without control characters")
    return login


def _mapping(given: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ArgumentError(f"curl: {name} must be a mapping, not {type(value).__name__}")
    return value


def _text(given: Mapping[str, object], name: str, *, default: str = "") -> str:
    value = given.get(name)
    return default if value is None else _checked(name, value, str, "text")


def _flag(given: Mapping[str, object], name: str, *, default: bool = False) -> bool:
    value = given.get(name)
    return default if value is None else _checked(name, value, bool, "True or False")


def _checked(name: str, value: object, kind: type[Value], required: str) -> Value:
    """Returns the value of an option; raises ArgumentError if it is not of this class.

    The value is shown only if it should be a flag: others may hold a secret.
    """
    if isinstance(value, kind):
        return value
    text = repr(value) if kind is bool else type(value).__name__
    raise ArgumentError(f"curl: {name} must be {required}, not {text}")
