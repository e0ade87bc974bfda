"""`AppConfig`: the root keys that the framework itself reads (core:CFG-12, CFG-15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from eggd.config.section import Bytes, Seconds
from eggd.wire.redact import SECRET_NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomLoaderConfig:
    """One entry of `custom_loader`: a folder whose files become members of app or ctx (LD-14)."""

    directory: str = ""
    """The folder, from the app's; required."""
    inject: Literal["app", "ctx"] = "app"
    """Whose members they are: made once with app, or once per context with ctx."""
    loadunit: bool = False
    """Whether every plugin and framework is searched for the folder, too."""
    match: str = "*.py"
    """Glob of file names; what is no Python is loaded as its bytes."""
    ignore: list[str] = field(default_factory=list)
    """Globs of paths below the folder that are left out."""
    override: bool = False
    """Whether a later unit's member may replace an earlier one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppConfig:
    """Keys at the root of the config that eggd declares; all others there are the app's own."""

    core_middleware: list[str] = field(default_factory=list)
    """Names of middleware that run before the app's own, outermost first; for frameworks."""
    middleware: list[str] = field(default_factory=list)
    """Names of the app's middleware, outermost first."""
    custom_loader: dict[str, CustomLoaderConfig] = field(default_factory=dict)
    """Folders of the app's own kind by the name of the member that they become."""
    env: str = ""
    """The environment; a fact, which EGG_SERVER_ENV or the file config/env chooses."""
    name: str = ""
    """The app's name, from its pyproject.toml."""
    base_dir: str = ""
    """The app's folder; a fact, which EGG_BASE_DIR chooses."""
    rundir: str = ""
    """Where the dumps are written: RUNTIME_DIRECTORY, else `run` in the app."""
    confused_configurations: dict[str, str] = field(
        default_factory=lambda: {"middlewares": "middleware"}
    )
    """Keys that are an error at the root, with the right one for the hint (core:CFG-11)."""
    keys: str = ""
    """Secrets that sign and encrypt cookies, separated by commas; the first signs (core:APP-2)."""
    proxy: bool = False
    """Whether the headers of a reverse proxy in front are believed (core:REQ-5, REQ-7, REQ-8)."""
    host_headers: str = ""
    """Header fields, by comma, that say the host where `proxy` is on; the first that is there."""
    protocol_headers: str = "x-forwarded-proto"
    """Header fields, by comma, that say the protocol where `proxy` is on."""
    ip_headers: str = "x-forwarded-for"
    """Header fields, by comma, that say the client's address where `proxy` is on."""
    max_ips_count: int = 0
    """How many addresses, counted from the last, are believed: that of proxies; 0 means all."""
    protocol: str = ""
    """The protocol of requests of which no proxy says one; empty means http."""
    subdomain_offset: int = 2
    """Parts of the host's name, from its end, that are no subdomain (core:REQ-6)."""
    worker_start_timeout: Seconds = 60.0
    """Seconds a worker may take to ready; then it says what it waits for and exits 1."""
    slow_start: Seconds = 10.0
    """Seconds after which a start task that is not done is named in a warning (core:LC-11)."""
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
class RouterConfig:
    """The `router` section (core:RT-10)."""

    answer_methods: bool = True
    """Whether the router answers 405 with Allow, 501, and OPTIONS; else all of them are 404."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingConfig:
    """What is told of the time that a start took."""

    slow_boot_action_min_duration: Seconds = 5.0
    """Seconds from which one step of a start is named in a warning (core:DUMP-11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpConfig:
    """The `dump` section: files in the runtime directory that say what was loaded (core:DUMP-1)."""

    ignore: list[str] = field(default_factory=lambda: list(SECRET_NAMES))
    """Keys whose values are masked, beside every one with "secret" in it (core:DUMP-3)."""
    timing: TimingConfig = field(default_factory=TimingConfig)
    """The time that a start took."""
