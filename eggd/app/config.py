"""`AppConfig`: the root keys that the framework itself reads (core:CFG-12, CFG-15)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from eggd.config.measures import Bytes, Commas, Seconds
from eggd.errors import ConfigError
from eggd.masking.redact import SECRET_NAMES
from eggd.ranges import Between
from eggd.wire.networks import NetworkError, networks

_URL = re.compile(r"(?:(?:/(?!/)|https?://[^/])[!-~]*)?")
"""A path or URL, or empty text."""
_METHOD = re.compile("[A-Z]+(?:-[A-Z]+)*")
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomLoaderConfig:
    """One entry of `custom_loader`: a folder whose files become members of app or ctx (LD-14)."""

    directory: str = ""
    """The folder, from the app's; required."""
    inject: Literal["app", "ctx"] = "app"
    """The owner of the members: `app` (created once) or `ctx` (created once per context)."""
    loadunit: bool = False
    """Whether every plugin and framework is searched for the folder, too."""
    match: str = "*.py"
    """Glob of file names; other files than Python are loaded as bytes."""
    ignore: list[str] = field(default_factory=list)
    """Globs of paths below the folder that are left out."""
    override: bool = False
    """Whether a later load unit's member may replace an earlier one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """Keys at the root of the config that eggd declares; all others there are the app's own."""

    core_middleware: list[str | Callable[..., Any]] = field(default_factory=list)
    """Names of middleware that run before the app's own, outermost first; for frameworks."""
    middleware: list[str | Callable[..., Any]] = field(default_factory=list)
    """Names of the app's middleware, outermost first; functions `(ctx, next)` may be among them."""
    custom_loader: dict[str, CustomLoaderConfig] = field(default_factory=dict)
    """Folders of the app's own kind by the name of the member that they become."""
    env: str = ""
    """The environment; a fact, which EGG_SERVER_ENV or the file config/env chooses."""
    name: str = ""
    """The app's name, from its pyproject.toml."""
    base_dir: str = ""
    """The app's folder; a fact, which EGG_BASE_DIR chooses."""
    rundir: str = ""
    """The directory of the dumps: `/run/eggd` under systemd, else `run` in the app."""
    confused_configurations: dict[str, str] = field(
        default_factory=lambda: {"middlewares": "middleware"}
    )
    """Keys that are an error at the root, with the right one for the hint (core:CFG-11)."""
    keys: Commas = ""
    """Secrets that sign and encrypt cookies, separated by commas; the first signs (core:APP-2)."""
    proxy: bool = False
    """Whether the headers of a reverse proxy in front are believed (core:REQ-5, REQ-7, REQ-8)."""
    trusted_proxies: list[str] = field(default_factory=list)
    """Addresses of the proxies that are believed: networks ("10.0.0.0/8"), single addresses, and
    `unix` for peers on a Unix socket. Empty means every address, as in Egg."""
    host_headers: str = ""
    """Header fields, by comma, that say the host where `proxy` is on; the first valid one."""
    protocol_headers: str = "x-forwarded-proto"
    """Header fields, by comma, that say the protocol where `proxy` is on; `forwarded` is read by
    RFC 7239, here and in the other two."""
    ip_headers: str = "x-forwarded-for"
    """Header fields, by comma, that say the client's address where `proxy` is on."""
    max_ips_count: Annotated[int, Between(0, 1000)] = 0
    """Number of trusted addresses, counted from the last: that of proxies; 0 means all."""
    protocol: str = ""
    """The protocol of requests for which no proxy reports one; empty means http."""
    subdomain_offset: Annotated[int, Between(0, 100)] = 2
    """Parts of the host's name, from its end, that do not belong to the subdomain (core:REQ-6)."""
    on_client_error: Callable[..., Any] | None = None
    """Answers malformed requests: `on_client_error(error, peer, app)`, async or not, returns a
    dict of "status", "headers" and "body", or None for the page (core:APP-9)."""
    server_graceful_ignore_code: list[str] = field(default_factory=list)
    """Uncaught exceptions that do not end the worker: names of classes ("KeyError": all its
    kinds) or of an OSError's number ("ECONNRESET"); they are logged (process:CL-91)."""
    worker_start_timeout: Annotated[Seconds, Between(0, 86_400)] = 60.0
    """Seconds a worker may take to ready; then it says what it waits for and exits 1."""
    slow_start: Annotated[Seconds, Between(0, 86_400)] = 10.0
    """Seconds after which a start task that is not done is named in a warning (core:LC-11)."""
    drain_timeout: Annotated[Seconds, Between(0, 86_400)] = 20.0
    """Seconds a stopping worker waits for requests in flight."""
    close_timeout: Annotated[Seconds, Between(0, 86_400)] = 5.0
    """Seconds one `before_close` hook may take."""

    def __post_init__(self) -> None:
        """Refuses a directory that depends on the working directory, and a wrong network."""
        try:
            networks(tuple(self.trusted_proxies))
        except NetworkError as exc:
            raise ConfigError(f"trusted_proxies: {exc}", hint=exc.hint) from None
        if self.protocol not in ("", "http", "https"):
            raise ConfigError(f"protocol must be '', 'http' or 'https', not {self.protocol!r}")
        for key in ("host_headers", "protocol_headers", "ip_headers"):
            for name in filter(None, map(str.strip, getattr(self, key).split(","))):
                if not _FIELD_NAME.fullmatch(name):
                    raise ConfigError(f"{key}: {name!r} is not the name of a header field")
        if self.rundir and not self.rundir.startswith("/"):
            raise ConfigError(f"rundir must be an absolute path, not {self.rundir!r}")


BODY_TYPES: dict[str, tuple[str, ...]] = {
    "json": (
        "application/json",
        "application/json-patch+json",
        "application/vnd.api+json",
        "application/csp-report",
        "application/scim+json",
    ),
    "form": ("application/x-www-form-urlencoded",),
    "text": ("text/plain",),
    "xml": ("text/xml", "application/xml"),
}
"""The media types of each kind of body that can be parsed (core:BODY-1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTypes:
    """Media types by the kind of body that they are."""

    json: list[str] = field(default_factory=list)
    """Parsed as JSON."""
    form: list[str] = field(default_factory=list)
    """Parsed as a form."""
    text: list[str] = field(default_factory=list)
    """Taken as text, where text is enabled."""
    xml: list[str] = field(default_factory=list)
    """Taken as text, where xml is enabled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyParserConfig:
    """The `body_parser` section (core:CFG-13); bodies become `ctx.request.body`."""

    enable: bool = True
    """Whether bodies are parsed before the app's middleware."""
    enable_types: list[Literal["json", "form", "text", "xml"]] = field(
        default_factory=lambda: ["json", "form"]
    )
    """The kinds of bodies that are parsed; text and xml become text."""
    extend_types: MediaTypes = field(default_factory=MediaTypes)
    """More media types for a kind: {"json": ["application/x-json"]}."""
    json_limit: Annotated[Bytes, Between(0, 1 << 34)] = 1 << 20
    """Bytes a JSON body may have, decompressed; above it the answer is 413."""
    form_limit: Annotated[Bytes, Between(0, 1 << 34)] = 1 << 20
    """Bytes a form body may have, decompressed; above it the answer is 413."""
    text_limit: Annotated[Bytes, Between(0, 1 << 34)] = 1 << 20
    """Bytes a text body may have, decompressed; above it the answer is 413."""
    xml_limit: Annotated[Bytes, Between(0, 1 << 34)] = 1 << 20
    """Bytes an XML body may have, decompressed; above it the answer is 413."""
    strict: bool = True
    """Whether the top level of JSON must be an object or an array."""
    on_proto_poisoning: Literal["error", "remove", "ignore"] = "error"
    """Treatment of JSON with a key `__proto__` or `constructor.prototype` (core:BODY-5)."""
    parameter_limit: Annotated[int, Between(0, 1_000_000)] = 1000
    """Fields of a form that are read; those after them are dropped."""
    depth: Annotated[int, Between(0, 100)] = 5
    """Levels of a form's nested keys; what is deeper stays one literal key."""
    array_limit: Annotated[int, Between(0, 100_000)] = 100
    """The highest index in a form's key that makes a list; above it the indices are keys."""
    match: object = None
    """Only requests of these paths are parsed: text, a regex, a function of ctx, or a list."""
    ignore: object = None
    """Requests of these paths are not parsed; not together with `match`."""

    def __post_init__(self) -> None:
        """Refuses `match` together with `ignore`."""
        if self.match is not None and self.ignore is not None:
            raise ConfigError(
                "body_parser.match and body_parser.ignore cannot both be set",
                hint="a function of ctx can say both",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterConfig:
    """The `router` section (core:RT-10)."""

    answer_methods: bool = True
    """Whether the router answers 405 with Allow, 501, and OPTIONS; else all of them are 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideMethodConfig:
    """The `override_method` section (core:OVR-1)."""

    enable: bool = True
    """Whether `_method` in a body or X-HTTP-Method-Override changes a request's method."""
    allowed_methods: list[str] = field(default_factory=lambda: ["POST"])
    """The methods that may be changed."""

    def __post_init__(self) -> None:
        """Refuses text that is not the method of a request, which are in upper case."""
        for method in self.allowed_methods:
            if not _METHOD.fullmatch(method):
                raise ConfigError(
                    f"override_method.allowed_methods: {method!r} is not a method",
                    hint="methods are in upper case, such as 'POST'",
                )


FAVICON = Path(__file__).parent.parent / "framework" / "favicon.ico"
"""The default of `/favicon.ico`: an egg (core:SITE-4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFileConfig:
    """The `site_file` section (core:SITE-1..4): single files, served before all middleware."""

    enable: bool = True
    """Whether they are served."""
    cache_control: str = "public, max-age=2592000"
    """The Cache-Control of those that are not redirects; 2592000 seconds are 30 days."""
    files: dict[str, object] = field(default_factory=lambda: {"/favicon.ico": FAVICON})
    """By exact path: a `Path`, read at the start; bytes; text, which is redirected to; a function
    of ctx, sync or async, that returns bytes, text or None (404); None takes a file out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundConfig:
    """The `notfound` section (core:NF-1..4)."""

    enable: bool = True
    """Whether an empty 404 gets a page."""
    page_url: str = ""
    """URL to which a browser is redirected instead; empty means the built-in page."""

    def __post_init__(self) -> None:
        """Refuses a relative URL, which would depend on the missing page."""
        if self.page_url and not self.page_url.startswith(("/", "http://", "https://")):
            raise ConfigError(
                f"notfound.page_url must begin with / or http(s)://, not {self.page_url!r}",
                hint=f"write '/{self.page_url}'",
            )
        if not _URL.fullmatch(self.page_url):
            raise ConfigError(
                f"notfound.page_url: {self.page_url!r} is not a path or a URL",
                hint="percent-encode blanks, and write another host with its scheme",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaConfig:
    """The `meta` section (core:META-1, META-2)."""

    enable: bool = True
    """Whether responses carry X-Readtime, the milliseconds spent."""
    logging: bool = False
    """Whether each request is logged by the core logger when it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceConfig:
    """The `trace` section: the id of a request, `ctx.trace_id`."""

    accept: bool = True
    """Whether a client's X-Request-Id (1 to 128 letters, digits and `._:+=@~-`, a letter or digit
    first) is the id, or without a valid one the trace id of its `traceparent` (W3C Trace Context).
    Off: each request begins a new trace."""
    log: bool = True
    """Whether log lines, the journal and the access log have the id. Off: they have that of
    `ctx.tracer` only, and `-` without one, as in Egg."""
    send: bool = False
    """Whether responses carry the id as X-Request-Id. A field that the app sets wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingConfig:
    """The report of the time that a start took."""

    slow_boot_action_min_duration: Annotated[Seconds, Between(0, 86_400)] = 5.0
    """Seconds from which one step of a start is named in a warning (core:DUMP-11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpConfig:
    """The `dump` section: files in the runtime directory that say what was loaded (core:DUMP-1)."""

    ignore: list[str] = field(default_factory=lambda: list(SECRET_NAMES))
    """Keys whose values are masked, beside every one with "secret" in it (core:DUMP-3)."""
    timing: TimingConfig = field(default_factory=TimingConfig)
    """The time that a start took."""
