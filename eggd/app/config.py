"""`AppConfig`: the root keys that the framework itself reads (core:CFG-12, CFG-15)."""

from __future__ import annotations

from dataclasses import dataclass, field

from eggd.config.section import Bytes, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """Keys at the root of the config that eggd declares; all others there are the app's own."""

    core_middleware: list[str] = field(default_factory=list)
    """Names of middleware that run before the app's own, outermost first; for frameworks."""
    middleware: list[str] = field(default_factory=list)
    """Names of the app's middleware, outermost first."""
    proxy: bool = False
    """Whether the headers of a reverse proxy in front are believed (core:REQ-5, REQ-7, REQ-8)."""
    worker_start_timeout: Seconds = 60.0
    """Seconds a process may take from its start to ready; then it exits 1 with its stacks."""
    drain_timeout: Seconds = 20.0
    """Seconds a stopping worker waits for requests in flight."""
    close_timeout: Seconds = 5.0
    """Seconds one `before_close` hook may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenConfig:
    """Where the app expects to be reached; the address itself belongs to egg.socket."""

    port: int = 7001
    """TCP port."""
    hostname: str = ""
    """Address; empty means every address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """The `cluster` section (process:CL-40)."""

    listen: ListenConfig = field(default_factory=ListenConfig)
    """Checked against the inherited listener when the app sets it; a difference is an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyParserConfig:
    """The `body_parser` section (core:CFG-13); JSON and form bodies become `ctx.request.body`."""

    enable: bool = True
    """Whether bodies are parsed before the app's middleware."""
    json_limit: Bytes = 1 << 20
    """Bytes a JSON body may have; above it the answer is 413."""
    form_limit: Bytes = 1 << 20
    """Bytes a form body may have; above it the answer is 413."""
    strict: bool = True
    """Whether the top level of JSON must be an object or an array."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundConfig:
    """The `notfound` section (core:NF-1..4)."""

    enable: bool = True
    """Whether an empty 404 gets a page."""
    page_url: str = ""
    """Where a browser is redirected to instead; empty means the built-in page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaConfig:
    """The `meta` section (core:META-1, META-2)."""

    enable: bool = True
    """Whether responses carry X-Readtime, the milliseconds spent."""
    logging: bool = False
    """Whether each request is logged by the core logger when it starts."""
