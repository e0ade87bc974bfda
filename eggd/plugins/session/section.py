"""The section `session` of the config."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from eggd import ConfigError, Context, Seconds
from eggd.plugins.session.session import Session

LONGEST = 400 * 86_400.0
"""Seconds above which browsers shorten the lifetime of a cookie (RFC 6265bis section 5.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisOptions:
    """The address of the store "redis", and its limits."""

    url: str = "redis://127.0.0.1:6379/0"
    """`redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss://` with TLS, or `unix://PATH`."""
    timeout: Seconds = 2.0
    """Seconds a connection or a command may take; then the store counts as down."""
    max_connections: int = 16
    """Connections of one worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteOptions:
    """The file of the store "sqlite", which all workers of the host share."""

    path: str = ""
    """The file; relative to the app's folder. Empty is `sessions.sqlite` in the state directory
    of the service (/var/lib/eggd), without one in `config.rundir`."""
    timeout: Seconds = 5.0
    """Seconds to wait for another worker that writes; then the store counts as down."""
    sweep_interval: Seconds = 600.0
    """Seconds between two removals of expired sessions by the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """The place, protection and lifetime of sessions (process:SES-1)."""

    key: str = "EGG_SESS"
    """The name of the cookie."""
    max_age: Seconds | Literal["session"] = 86_400.0
    """Seconds a session lives without a change; "session": until the browser's own session ends.
    Egg's is in milliseconds."""
    encrypt: bool = True
    """Whether the cookie is encrypted; an encrypted one is not signed."""
    signed: bool = True
    """Whether a cookie that is not encrypted is signed."""
    http_only: bool = True
    """Whether scripts of a page cannot read the cookie."""
    secure: bool | None = None
    """Whether the cookie is sent over HTTPS only; None: if the request came over HTTPS."""
    same_site: Literal["", "strict", "lax", "none"] = ""
    """To which requests of other sites a browser attaches the cookie; empty leaves it to the
    browser."""
    domain: str = ""
    """The domain whose hosts all receive the cookie; empty is the host of the request alone."""
    path: str = "/"
    """The path below which the cookie is sent."""
    partitioned: bool = False
    """Whether the browser keeps one cookie for each site that embeds this one."""
    overwrite: bool = True
    """Whether the cookie replaces one of its name that the handler has set."""
    rolling: bool = False
    """Whether the lifetime of a session begins anew with every request that carries its cookie."""
    renew: bool = False
    """Whether it begins anew with a request in the second half of the lifetime."""
    auto_commit: bool = True
    """Whether a changed session is saved with the answer; else only by `manually_commit()`."""
    log_value: bool = False
    """Whether warnings about dropped sessions quote what was in them (Egg: true)."""
    prefix: str = ""
    """Text in front of the generated ids of a store."""
    genid: Callable[[Context], str] | None = None
    """Returns the id of a new session in a store; None: a random UUID (version 4)."""
    valid: Callable[[Context, Mapping[str, object]], object] | None = None
    """Returns whether a session that was found is still valid (process:SES-9)."""
    before_save: Callable[[Context, Session], object] | None = None
    """Called before a session is saved; what it changes is saved, too (process:SES-10)."""
    external_key: Mapping[str, Callable[..., object]] | None = None
    """`{"get": f(ctx) -> id or None, "set": f(ctx, id or None)}`: another place for the id of a
    session in a store than the cookie, such as a header field (process:SES-23)."""
    context_store: type[object] | None = None
    """A class of stores of which each request makes its own: `Store(ctx)` (process:SES-24)."""
    store: Literal["", "memory", "sqlite", "redis"] = ""
    """The place where sessions are kept: empty is the cookie; "memory" one process, for tests;
    "sqlite" a file of the host; "redis" a Redis or Valkey server. `app.session_store` wins."""
    sqlite: SqliteOptions = field(default_factory=SqliteOptions)
    """The store "sqlite"."""
    redis: RedisOptions = field(default_factory=RedisOptions)
    """The store "redis"."""

    def __post_init__(self) -> None:
        if isinstance(self.max_age, float) and not 0 < self.max_age <= LONGEST:
            raise ConfigError(
                f"session.max_age: {self.max_age:.0f} seconds are not above 0 and up to 400 days",
                hint='seconds, or text such as "1d"; Egg\'s are milliseconds',
            )
        for name in ("genid", "valid", "before_save"):
            if inspect.iscoroutinefunction(getattr(self, name)):
                raise ConfigError(f"session.{name} is async", hint="define it with def")
        if self.external_key is not None and self.external_key.keys() != {"get", "set"}:
            raise ConfigError(
                f"session.external_key needs get and set, not {sorted(self.external_key)}"
            )
        if self.external_key is not None and not self.store and self.context_store is None:
            raise ConfigError(
                "session.external_key has no effect without a store",
                hint="set session.store, or session.context_store",
            )

    @property
    def protection(self) -> dict[str, bool]:
        """The arguments of `ctx.cookies.get` that read the cookie."""
        return {"encrypt": True} if self.encrypt else {"signed": self.signed}
