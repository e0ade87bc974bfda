"""The place of the secret: a cookie, of one or more names, or the session (CSRF-3..5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import cast

from eggd import Application, ConfigError, Context, CookieOptions, EggError
from eggd.plugins.security.csrf_options import HTTPS_PREFIXES, CsrfOptions
from eggd.plugins.security.csrf_token import SecretSource

_MARK = "0" * 24
"""Stands for the secret in the line that is made at the start."""
_AGE = re.compile(r"; max-age=(\d+)")
_LONGEST = 400 * 86_400
"""Seconds above which browsers shorten the lifetime of a cookie (RFC 6265bis section 5.5)."""
_CHANGING = frozenset(("max_age", "expires", "signed", "encrypt", "same_site", "secure"))
"""Options with which the line of the cookie differs from response to response."""


class SecretPlace:
    """Reads the secret of a request, and sends a new one."""

    def __init__(self, app: Application, options: CsrfOptions) -> None:
        self._app = app
        self._options = options
        self.source = SecretSource()
        """Makes the secrets of this process."""
        name = options.cookie_name
        self.names: Sequence[str] = [name] if isinstance(name, str) else name
        """The names of the cookie."""
        self.find = re.compile(f"(?:^|[; ])(?:{'|'.join(map(re.escape, self.names))})=").search
        """Finds a secret, which may be empty, in the text of a Cookie field."""
        self._is_signed = bool(options.cookie_options.get("signed"))
        config = app.config
        self.is_direct = not (config.proxy or config.trusted_proxies or config.protocol)
        """Whether the scheme of the connection is that of the request."""
        self.lines: dict[bool, tuple[str, str]] = {}
        """The Set-Cookie lines over HTTP (False) and HTTPS, around the secret; empty if they differ
        from response to response."""

    def prepare(self) -> None:
        """Makes the usual Set-Cookie line, once the app can make contexts.

        Raises ConfigError for a name or an option that no cookie of a token can have.
        """
        ctx = self._app.create_anonymous_context()
        try:
            domain = self._options.cookie_domain
            domain = domain if isinstance(domain, str) else ""  # a function needs a request
            self._set(ctx, _MARK, domain, ignore_secure_error=True)
        except EggError as exc:
            raise ConfigError(
                f"security.csrf: {exc.message}", hint=exc.hint, keys=["security.csrf"]
            ) from exc
        _check_lifetime(ctx.response.fields["set-cookie"][1][0])
        if self._is_usual():
            [line] = ctx.response.fields["set-cookie"][1]
            before, _, after = line.partition(_MARK)
            start, end = f"Set-Cookie: {before}", f"{after}\r\n"
            self.lines = {False: (start, end), True: (start, end)}
            if "; secure" not in after:
                self.lines[True] = (start, f"{after}; secure\r\n")

    def _is_usual(self) -> bool:
        """Returns whether all responses have the same line, but for the secret."""
        options, defaults = self._options, self._app.config.cookies
        return (
            len(self.names) == 1
            and isinstance(options.cookie_domain, str)
            and _CHANGING.isdisjoint(options.cookie_options)
            and (defaults.max_age, defaults.secure) == ("session", None)
            and not (defaults.same_site == "none" or defaults.auto_chips)
        )

    def received(self, ctx: Context) -> str:
        """Returns the secret that the request came with, "" without one."""
        if self._options.use_session:
            secret: object = ctx.session.get(self._options.session_name)
            return secret if isinstance(secret, str) else ""
        for name in self.names:
            value = ctx.cookies.get(name, signed=self._is_signed)
            if value:
                return value
        return ""

    def ensure(self, ctx: Context) -> None:
        """Sends a new secret unless the request has one (process:CSRF-3)."""
        if self._options.use_session:
            if not self.received(ctx):
                self.issue(ctx)
            return
        cookie = ctx.exchange.headers.get("cookie")
        if not cookie or not self.find(cookie):
            self.issue(ctx)

    def current(self, ctx: Context) -> str:
        """Returns the secret for the pages of this request, "" without one."""
        return ctx.csrf_secret or self.received(ctx)

    def issue(self, ctx: Context) -> str:
        """Sends a new secret and returns it."""
        secret = ctx.csrf_secret = self.source.next()
        if self._options.use_session:
            ctx.session[self._options.session_name] = secret
        elif self.lines:
            exchange = ctx.exchange
            is_secure = exchange.scheme == "https" if self.is_direct else ctx.request.secure
            before, after = self.lines[is_secure]
            exchange.add_line(f"{before}{secret}{after}".encode())
        else:
            self._set(ctx, secret, self._domain(ctx))
        return secret

    def rotate(self, ctx: Context) -> None:
        """Replaces the secret that the request came with; without one nothing (CSRF-11)."""
        if not ctx.csrf_secret and self.received(ctx):
            self.issue(ctx)

    def is_doubled(self, ctx: Context) -> bool:
        """Returns whether a cookie of the name was sent twice: one may be planted (KW-23)."""
        if self._options.use_session:
            return False
        cookie = ctx.exchange.headers.get("cookie")
        if not any(cookie.count(name) > 1 for name in self.names):
            return False
        names = [each.partition("=")[0].strip() for each in cookie.split(";")]
        return any(names.count(name) > 1 for name in self.names)

    def _domain(self, ctx: Context) -> str:
        given = self._options.cookie_domain
        return given if isinstance(given, str) else cast("Callable[..., str]", given)(ctx)

    def _set(self, ctx: Context, secret: str, domain: str, **more: bool) -> None:
        options: CookieOptions = {"signed": False, "http_only": False, "overwrite": True}
        options |= cast("CookieOptions", {"domain": domain} if domain else {})
        options |= cast("CookieOptions", {**self._options.cookie_options, **more})
        for name in self.names:
            if name.startswith(HTTPS_PREFIXES):  # browsers drop them otherwise
                options |= {"secure": True, "ignore_secure_error": True}
            ctx.cookies.set(name, secret, **options)


def _check_lifetime(line: str) -> None:
    """Raises ConfigError for a Set-Cookie line that deletes, or that browsers shorten."""
    age = _AGE.search(line)
    problem = ""
    if "; expires=Thu, 01 Jan 1970" in line:
        problem = "max_age deletes the cookie, and each form would fail"
    elif age is not None and int(age[1]) > _LONGEST:
        problem = f"max_age: {age[1]} seconds are more than 400 days"
    if problem:
        raise ConfigError(
            f"security.csrf.cookie_options: {problem}",
            hint="seconds, or text such as '30d'; Egg's are milliseconds",
            keys=["security.csrf.cookie_options"],
        )
