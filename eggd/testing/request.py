"""Encodes an HTTP/1.1 request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypedDict
from urllib.parse import quote, urlencode

from eggd.app.routing.router import Router
from eggd.errors import ArgumentError
from eggd.testing.arguments import Kind, check_kind, check_texts, unknown
from eggd.version import __version__

__tracebackhide__ = True  # pytest shows the line of the test instead


class RequestOptions(TypedDict, total=False):
    """The options of a request."""

    params: Mapping[str, object]
    """Parameters of the route, if the path is the name of a route."""
    query: Mapping[str, object]
    """Added to the query of the path; a list repeats its key."""
    headers: Mapping[str, str]
    """Header fields; they override those of `mock_headers`."""
    json: object
    """The content, encoded as JSON."""
    form: Mapping[str, object]
    """The content: the fields of a form (application/x-www-form-urlencoded)."""
    body: bytes | str
    """The content, unchanged."""
    timeout: float
    """Seconds to wait for the response (default 30)."""


CONTENT = ("json", "form", "body")
"""The options that set a request's content; only one may be given."""

_UNBUILT = {
    "auth": 'headers={"Authorization": ...}',
    "content": "body",
    "cookies": "set client.cookies",
    "data": "use form or body",
    "files": "multipart bodies are not built: use body and headers",
    "follow_redirects": "redirects are not followed; response.headers has the location",
}
"""RequestOptions of other test clients, each with its replacement."""


_KINDS: Mapping[str, tuple[Kind, str]] = {
    **dict.fromkeys(("params", "query", "headers", "form"), (Mapping, "a dict")),
    "body": ((bytes, str), "bytes or text"),
}


class Defaults(NamedTuple):
    """The header fields and cookies of every request of a test."""

    headers: Mapping[str, str]
    """Header fields."""
    cookies: Mapping[str, str]
    """Cookies; they override those of a request's own Cookie field."""
    kept: Mapping[str, str] = MappingProxyType({})
    """The cookies that the client keeps; a request's own Cookie field replaces them."""


def check(options: RequestOptions, path: str) -> None:
    """Raises ArgumentError for an unknown or wrong option, and for two contents."""
    check_kind("the path of a request", path, str, "text")
    for name, value in options.items():
        if name not in RequestOptions.__annotations__:
            raise unknown(name, RequestOptions.__annotations__, _UNBUILT)
        if name in _KINDS:
            check_kind(name, value, *_KINDS[name])
    check_texts("headers", options.get("headers", {}))
    contents = [name for name in CONTENT if name in options]
    if len(contents) > 1:
        raise ArgumentError(f"a request has one content, not {' and '.join(contents)}")
    if "params" in options and path.startswith("/"):
        raise ArgumentError(
            f"params: {path!r} is a path, not the name of a route", hint="use query"
        )


def path_of(router: Router, path: str, options: RequestOptions) -> str:
    """Returns the path with its query; raises ArgumentError for an unknown route (MOCK-4)."""
    if not path.startswith("/"):
        name, path = path, router.url(path, dict(options.get("params", {})))
        if not path:
            raise ArgumentError(f"route {name!r} does not exist", hint="name it in app/router.py")
    query = urlencode(options.get("query", {}), doseq=True)
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


def encode(method: str, path: str, defaults: Defaults, options: RequestOptions) -> bytes:
    """Returns the encoded request; raises ArgumentError for a line break in its head."""
    content, kind = _content(options)
    fields = {"host": "127.0.0.1", "user-agent": f"eggd-testing/{__version__}"}
    if kind:
        fields["content-type"] = kind
    if content or method in ("POST", "PUT", "PATCH"):
        fields["content-length"] = str(len(content))
    if defaults.kept:
        fields["cookie"] = with_cookies("", defaults.kept)
    for given in (defaults.headers, options.get("headers", {})):
        fields.update((name.lower(), value) for name, value in given.items())
    if defaults.cookies:
        fields["cookie"] = with_cookies(fields.get("cookie", ""), defaults.cookies)
    target = quote(path, safe="/?#[]@!$&'()*+,;=:%-._~")
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields)]
    for line in lines:
        if "\r" in line or "\n" in line:
            raise ArgumentError(f"a line break is not allowed in a request: {line!r}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def with_cookies(field: str, cookies: Mapping[str, str]) -> str:
    """Returns a Cookie field (RFC 6265 section 4.2.1) whose cookies are overridden by others."""
    pairs = (pair.strip().partition("=") for pair in field.split(";") if pair.strip())
    fields = {name: value for name, _, value in pairs}
    return "; ".join(f"{name}={value}" for name, value in {**fields, **cookies}.items())


def _content(options: RequestOptions) -> tuple[bytes, str]:
    """Returns the content and its media type."""
    if "json" in options:
        try:
            return json.dumps(options["json"]).encode(), "application/json"
        except (TypeError, ValueError) as exc:
            raise ArgumentError(f"json: {exc}") from exc
    if "form" in options:
        return urlencode(options["form"], doseq=True).encode(), "application/x-www-form-urlencoded"
    body = options.get("body", b"")
    return (body.encode(), "text/plain; charset=utf-8") if isinstance(body, str) else (body, "")
