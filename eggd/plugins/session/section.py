"""The section `session` of the config."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from eggd import Between, ConfigError, Context, Seconds, check_function
from eggd.plugins.session.functions import check_store
from eggd.plugins.session.session import Session

LONGEST = 400 * 86_400.0
"""Seconds above which browsers shorten the lifetime of a cookie (RFC 6265bis section 5.5)."""


HTTPS_PREFIXES = ("__Host-", "__Secure-")
"""Names of cookies that browsers keep over HTTPS only (RFC 6265bis section 4.1.3)."""

_FUNCTIONS = {
    "genid": ("ctx",),
    "valid": ("ctx", "data"),
    "before_save": ("ctx", "session"),
}
"""The functions of the section, each with its parameters."""
_EXTERNAL_KEY = {"get": ("ctx",), "set": ("ctx", "id")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteOptions:
    """The file of the store "sqlite", which all workers of the host share."""

    path: str = ""
    """The file; relative to the app's folder. Empty is `sessions.sqlite` in the state directory
    of the service (/var/lib/eggd), without one in `config.rundir`."""
    timeout: Annotated[Seconds, Between(0.001, 600)] = 5.0
    """Seconds to wait for another worker that writes; then the store counts as down."""
    sweep_interval: Annotated[Seconds, Between(0.001, 7 * 86_400)] = 600.0
    """Seconds between two removals of expired sessions by the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """The place, protection and lifetime of sessions (process:SES-1)."""

    key: str = "EGG_SESS"
    """The name of the cookie."""
    max_age: Annotated[Seconds, Between(0.001, LONGEST)] | Literal["session"] = 86_400.0
    """Seconds a session lives without a change; "session": until the browser's own session ends.
    Egg's is in milliseconds."""
    encrypt: bool = True
    """Whether the cookie is encrypted; an encrypted one is not signed."""
    signed: bool = True
    """Whether a cookie that is not encrypted is signed."""
    read_signed: bool = False
    """Whether a cookie that is signed is read, too, while `encrypt` is on; it is replaced by an
    encrypted one. For an app that moves from Egg 4, which signs by default."""
    http_only: bool = True
    """Whether scripts of a page cannot read the cookie."""
    secure: bool | None = None
    """Whether the cookie is sent over HTTPS only; None: if the request came over HTTPS, or if the
    name of the cookie begins with `__Host-` or `__Secure-`."""
    same_site: Literal["", "strict", "lax", "none"] = ""
    """To which requests of other sites a browser attaches the cookie; empty leaves it to the
    browser."""
    domain: str = ""
    """The domain whose hosts all receive the cookie; empty is the host of the request alone."""
    path: str | None = "/"
    """The path below which the cookie is sent; None leaves it to the browser."""
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
    redis: str | Mapping[str, object] = "session"
    """The client of the plugin redis with which the store "redis" works: a name of
    `redis.clients`. The options that were here before, such as `url`, are an error."""

    def __post_init__(self) -> None:
        for name, parameters in _FUNCTIONS.items():
            if (function := getattr(self, name)) is not None:
                check_function(f"session.{name}", function, *parameters)
        if self.external_key is not None:
            _refuse_names("session.external_key", self.external_key, tuple(_EXTERNAL_KEY))
            for name, function in self.external_key.items():
                check_function(f"session.external_key.{name}", function, *_EXTERNAL_KEY[name])
        if self.context_store is not None:
            check_store(self.context_store, "session.context_store: class")
        if not isinstance(self.redis, str):
            raise ConfigError(
                "session.redis must be the name of a client, not its options",
                hint="move them to redis = {'clients': {'session': {...}}} (docs/redis.md)",
                keys=["session.redis"],
            )
        if self.secure is False and self.is_prefixed:
            raise ConfigError(
                "session.secure is off, and the name of the cookie needs it (__Host-, __Secure-)",
                hint="remove session.secure, or change session.key",
            )
        if self.read_signed and not self.encrypt:
            raise ConfigError(
                "session.read_signed has no effect: session.encrypt is off", hint="remove it"
            )

    @property
    def is_prefixed(self) -> bool:
        """Whether browsers keep the cookie over HTTPS only because of its name."""
        return self.key.startswith(HTTPS_PREFIXES)

    @property
    def protection(self) -> dict[str, bool]:
        """The arguments of `ctx.cookies.get` that read the cookie."""
        return {"encrypt": True} if self.encrypt else {"signed": self.signed}


def _refuse_names(where: str, names: Collection[str], needed: Sequence[str]) -> None:
    """Raises ConfigError naming what is missing, or unknown."""
    missing = [name for name in needed if name not in names]
    unknown = sorted(set(names) - set(needed))
    if missing:
        raise ConfigError(f"{where} has no {', '.join(missing)}", hint=f"needs {', '.join(needed)}")
    if unknown:
        raise ConfigError(
            f"{where} has an unknown {unknown[0]!r}", hint=f"takes {', '.join(needed)}"
        )
