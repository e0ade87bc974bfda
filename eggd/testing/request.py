"""From what a test asks for to the bytes of an HTTP/1.1 request."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypedDict
from urllib.parse import quote, urlencode

from eggd.app.routing.router import Router
from eggd.errors import EggError
from eggd.spelling import suggestion_or_list
from eggd.version import __version__

__tracebackhide__ = True  # a test that fails here failed in its own line


class Options(TypedDict, total=False):
    """What may be said of a request beside its method and path."""

    params: Mapping[str, object]
    """Parameters of the route, where the path is a route's name."""
    query: Mapping[str, object]
    """Added to the path's query; a list gives its key several times."""
    headers: Mapping[str, str]
    """Header fields, over those that the client always sends."""
    json: object
    """Content: this as JSON."""
    form: Mapping[str, object]
    """Content: fields as a browser's form sends them."""
    body: bytes | str
    """Content as it is."""
    timeout: float
    """Seconds that the answer may take; 30 unless said."""


CONTENT = ("json", "form", "body")
"""The options that set a request's content; only one may be given."""

_UNBUILT = {
    "auth": 'headers={"Authorization": ...}',
    "content": "body",
    "cookies": "use the fixture mock_cookies",
    "data": "use form or body",
    "files": "multipart bodies are not built: use body and headers",
    "follow_redirects": "redirects are not followed; response.headers has the location",
}
"""Options of other test clients, each with its replacement."""


class Always(NamedTuple):
    """What requests carry unless they say otherwise."""

    headers: Mapping[str, str]
    """Header fields."""
    cookies: Mapping[str, str]
    """Cookies; they win over those of a request's own Cookie field."""


def check(options: Options, path: str) -> None:
    """Raises EggError for an option that has no effect, naming the nearest valid one."""
    for name in options:
        if name not in Options.__annotations__:
            raise unknown(name, Options.__annotations__, _UNBUILT)
    contents = [name for name in CONTENT if name in options]
    if len(contents) > 1:
        raise EggError(f"a request has one content, not {' and '.join(contents)}")
    if "params" in options and path.startswith("/"):
        raise EggError(f"params: {path!r} is a path, not the name of a route", hint="use query")


def refuse_unknown(given: Iterable[str], cls: type) -> None:
    """Raises EggError for a keyword argument that a class does not accept."""
    known = list(inspect.signature(cls).parameters)
    for name in given:
        if name not in known:
            raise unknown(name, known)


def unknown(name: str, known: Iterable[str], instead: Mapping[str, str] = {}) -> EggError:
    """Returns the error for a keyword argument that a function does not accept."""
    hint = instead.get(name) or suggestion_or_list(name, known)
    return EggError(f"{name}: no such option", hint=hint)


def path_of(router: Router, path: str, options: Options) -> str:
    """Returns the path to ask for; raises EggError where it is the name of no route (MOCK-4)."""
    if not path.startswith("/"):
        found = router.url(path, dict(options.get("params", {})))
        if not found:
            raise EggError(f"Can't find router:{path}, please check your 'app/router.py'")
        path = found
    query = urlencode(options.get("query", {}), doseq=True)
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


def encode(method: str, path: str, always: Always, options: Options) -> bytes:
    """Returns the whole request; raises EggError where a line break would end a field early."""
    content, kind = _content(options)
    fields = {"host": "127.0.0.1", "user-agent": f"eggd-testing/{__version__}"}
    if kind:
        fields["content-type"] = kind
    if content or method in ("POST", "PUT", "PATCH"):
        fields["content-length"] = str(len(content))
    for given in (always.headers, options.get("headers", {})):
        fields.update((name.lower(), value) for name, value in given.items())
    if always.cookies:
        fields["cookie"] = with_cookies(fields.get("cookie", ""), always.cookies)
    target = quote(path, safe="/?#[]@!$&'()*+,;=:%-._~")
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields)]
    for line in lines:
        if "\r" in line or "\n" in line:
            raise EggError(f"a request may hold no line break: {line!r}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def with_cookies(field: str, cookies: Mapping[str, str]) -> str:
    """Returns a Cookie field (RFC 6265 section 4.2.1) with these cookies over its own."""
    pairs = (pair.strip().partition("=") for pair in field.split(";") if pair.strip())
    own = {name: value for name, _, value in pairs}
    return "; ".join(f"{name}={value}" for name, value in {**own, **cookies}.items())


def _content(options: Options) -> tuple[bytes, str]:
    """Returns the content and its media type."""
    if "json" in options:
        return json.dumps(options["json"]).encode(), "application/json"
    if "form" in options:
        return urlencode(options["form"], doseq=True).encode(), "application/x-www-form-urlencoded"
    body = options.get("body", b"")
    return (body.encode(), "text/plain; charset=utf-8") if isinstance(body, str) else (body, "")
