"""`Security`: the protections of one app, made from its config at the start."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import cast

from eggd import Application, ConfigError, Context, FixedFields, HttpError
from eggd.plugins.security.conditions import Condition, condition_of
from eggd.plugins.security.csrf import Csrf, mount_of
from eggd.plugins.security.csrf_options import SAFE, CsrfOptions
from eggd.plugins.security.csrf_secret import SecretPlace
from eggd.plugins.security.csrf_token import SecretSource
from eggd.plugins.security.headers import SecurityHeaders, part
from eggd.plugins.security.section import SecurityConfig
from eggd.plugins.security.traversal import climbs, is_suspicious

_REFUSED = frozenset(("TRACE", "TRACK"))
"""Methods that show a client's header fields to a script."""
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_NO_FIELDS = FixedFields()

Later = Callable[[], Coroutine[object, object, None]]
"""A function to call once the body is parsed."""


class Security:
    """Guards the requests of one app, and sets the header fields of its responses."""

    def __init__(self, app: Application, section: SecurityConfig) -> None:
        """Raises ConfigError for a value that no request could be checked with."""
        self._app = app
        self.section = section
        self.nonces = SecretSource(16)
        """Makes the nonces of requests, of 16 characters (process:HDR-6)."""
        self.headers = SecurityHeaders(app, section)
        """The header fields of every response."""
        csrf = cast("CsrfOptions", part(section, "csrf"))
        self.csrf = Csrf(app, csrf, condition_of("csrf", csrf), SecretPlace(app, csrf))
        """The check against cross-site requests; used if the part is enabled."""
        self._checks_csrf = bool(csrf.enable)
        self._uses_session = csrf.use_session
        self._checks_path = _condition(section, "dta")
        self._checks_method = _condition(section, "methodnoallow")
        override = app.config.override_method
        overridable = set(override.allowed_methods) if override.enable else set()
        self.harmless = SAFE - overridable - (_REFUSED if self._checks_method else frozenset())
        """Methods of which only the path is checked: they change nothing, nor stand for another."""
        self.sends_secrets = self._checks_csrf and not self.csrf.lazily
        """Whether each visitor gets a secret."""
        self._mounts = frozenset(prefix.rstrip("/") for prefix in section.exempt_mounts)

    @property
    def is_plain(self) -> bool:
        """Whether a path decides the header fields and the need of a secret (`fast_guard`)."""
        by_path = self.headers.by_path is not None and self.csrf.by_path is not None
        return by_path and not self._uses_session

    @property
    def exempts_mounts(self) -> bool:
        """Whether mounted applications are left alone."""
        return bool(self._mounts)

    def check_mounts(self) -> None:
        """Raises ConfigError for an exempt mount that does not exist."""
        known = {mount.prefix for mount in self._app.router.mounts}
        for prefix in sorted(self._mounts - known):
            raise ConfigError(
                f"security.exempt_mounts: nothing is mounted at {prefix or '/'!r}",
                hint=f"mounted: {', '.join(sorted(known)) or 'nothing'}",
                keys=["security.exempt_mounts"],
            )

    def guard(self, ctx: Context) -> Later | None:
        """Checks a request before its body; returns what to do once that is parsed."""
        exchange = ctx.exchange
        if self._mounts and mount_of(ctx) in self._mounts:
            exchange.fix(_NO_FIELDS)
            return None
        if not self.headers.is_constant:
            self.headers.choose(ctx)
        if is_suspicious(exchange.path) and self._checks_path and self._checks_path(ctx):
            self._check_path(ctx)
        method = exchange.method
        if method in self.harmless and not self._uses_session:
            wants = not (_is_site_file(ctx) or _is_preflight(ctx))
            if self.sends_secrets and wants and self.csrf.applies(ctx):
                self.csrf.secrets.ensure(ctx)
            return None
        if method in _REFUSED and self._checks_method and self._checks_method(ctx):
            raise HttpError(405, headers={"Allow": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"})
        return self._later(ctx, method) if self._checks_csrf else None

    def _later(self, ctx: Context, method: str) -> Later:
        """Returns the check of a request by its method, and by the one that it stands for."""

        async def later() -> None:
            csrf = self.csrf
            if self._uses_session:
                await ctx.request_session.load()
            if not csrf.lazily and csrf.applies(ctx):
                csrf.secrets.ensure(ctx)
            if csrf.is_checked(ctx, method, ctx.method):
                await csrf.read_form(ctx)
                ctx.assert_csrf()  # replaced by the mock of a test

        return later

    def _check_path(self, ctx: Context) -> None:
        path = ctx.exchange.path
        if climbs(path):
            raise HttpError(400, "the path leads above the root")
        if self._app.env in ("local", "unittest") and _BROKEN.search(path):
            ctx.core_logger.warning("[security] the path %s cannot be decoded", ctx.path)


def _condition(section: SecurityConfig, name: str) -> Condition | None:
    """Returns the requests that a part is used for, None if it is off."""
    options = part(section, name)
    if not options.enable:
        return None
    return condition_of(name, options) or _always


def _is_site_file(ctx: Context) -> bool:
    """Returns whether a single file is served, which caches may keep for all visitors."""
    return ctx.route is not None and ctx.route.kind == "file"


def _is_preflight(ctx: Context) -> bool:
    """Returns whether a browser asks if a script may make a request: it ignores cookies then."""
    return ctx.method == "OPTIONS" and bool(ctx.get("access-control-request-method"))


def _always(_ctx: Context) -> bool:
    return True
