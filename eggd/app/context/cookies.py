"""`ctx.cookies`: reads the cookies of a request and sets those of its response (core:CK-1..16).

A signed cookie has a second one, `NAME.sig`. Cookies are signed and encrypted with the first of the
app's keys, and accepted with every key, so a new key is put before the old one.
"""

from __future__ import annotations

from dataclasses import replace
from time import time
from typing import Literal, Protocol, Self, Unpack
from weakref import ref

from eggd.app.config import AppConfig
from eggd.app.context.cookie_hints import NoDict
from eggd.app.context.cookie_options import (
    CookieOptions,
    CookiesConfig,
    contradiction,
    lifetime,
    merged,
)
from eggd.app.context.interfaces import AppLike
from eggd.app.context.keyring import Keyring, keyring
from eggd.app.context.request import Request
from eggd.app.context.response import Response
from eggd.errors import ArgumentError
from eggd.log import Logger
from eggd.wire.cookie import SetCookie, parse_cookies
from eggd.wire.cookie_support import accepts_partitioned, accepts_same_site_none

LIMIT = 4093
"""Characters of a value above which browsers drop a cookie (core:CK-12)."""

Protection = Literal["plain", "signed", "encrypted"]
"""The protection by which the app recognizes a value that it wrote itself."""


class Owner(Protocol):
    """The members of a context that its cookies use."""

    @property
    def request(self) -> Request:
        """The request, whose cookies are read."""
        ...

    @property
    def response(self) -> Response:
        """The response, on which cookies are set."""
        ...

    @property
    def core_logger(self) -> Logger:
        """The framework's logger with the prefix of the request."""
        ...


class Cookies(NoDict):
    """The cookies of one request and its response; made when `ctx.cookies` is first read."""

    def __init__(self, ctx: Owner) -> None:
        self.app: AppLike = ctx.request.app
        self._request = ctx.request
        self._response = ctx.response
        # Not ctx itself: a cycle would keep the request's objects until a garbage collection.
        self._ctx = ref(ctx)
        self._defaults: CookiesConfig = self.app.config[CookiesConfig]
        self._parsed: dict[str, str] | None = None
        # Names of encrypted cookies that were read, and that `set` would write in another way.
        self._outdated: set[str] = set()

    def get(
        self, name: str, *, signed: bool | None = None, encrypt: bool | None = None
    ) -> str | None:
        """Returns the value of a cookie of the request, None without one (core:CK-6, CK-7).

        A value that was changed, or whose signature is missing, is None, too. The defaults are
        those of `config.cookies`: signed, not encrypted. Read cookies of scripts and of other sites
        with `signed=False`. A signature by an older key is renewed in the response, a wrong one
        deleted.

        Raises ConfigError if a signed or encrypted cookie is read without `config.keys`,
        ArgumentError for a name that is not text, and for `signed` together with `encrypt`.
        """
        if not isinstance(name, str):
            raise ArgumentError(f"the name of a cookie must be text, not {type(name).__name__}")
        if signed and encrypt:
            raise contradiction(name)
        defaults = self._defaults
        if encrypt is None:
            encrypt = defaults.encrypt and signed is None
        protection = _protection(encrypt, defaults.signed if signed is None else signed)
        value = self._read(name, name, protection)
        if value is None and defaults.auto_chips:
            return self._read(_chips(name), name, protection)
        return value

    def is_outdated(self, name: str) -> bool:
        """Returns whether an encrypted cookie was read that should be set again.

        It is in Egg's format while `config.cookies.encryption` is "upgrade", or by an older key.
        """
        return name in self._outdated

    def set(self, name: str, value: str | None, **options: Unpack[CookieOptions]) -> Self:
        """Adds a cookie to the response; None or "" deletes it (core:CK-1 to CK-4, CK-10).

        The defaults are those of `config.cookies`: path /, signed, http_only, and secure if the
        request came over HTTPS. A deletion must have the path and domain of the cookie.

        Raises ArgumentError for text that a cookie cannot hold, an unknown option, and a secure
        cookie on a request that came over HTTP; ConfigError without `config.keys` if it is signed
        or encrypted. Logs a warning if the response was sent already.
        """
        config = merged(name, self._defaults, options)
        max_age, expires = lifetime(name, self._defaults, options)
        if not isinstance(value, str | None):
            kind = type(value).__name__
            raise ArgumentError(
                f"cookie {name!r} cannot be set: its value must be text, not {kind}"
            )
        text = "" if value is None or (max_age is not None and max_age <= 0) else value
        protection = _protection(config.encrypt, config.signed)
        if text and protection == "encrypted":
            text = self._sealed(name, text)
        cookie = replace(self._cookie(name, config), value=text, max_age=max_age, expires=expires)
        if len(text) > LIMIT:
            self._report_size(name, text)
        self._add(self._lines(cookie, config, protection), overwrite=config.overwrite)
        return self

    @property
    def _received(self) -> dict[str, str]:
        # Not a `cached_property`, whose lock costs more than the rest.
        if self._parsed is None:
            self._parsed = parse_cookies(self._request.get("cookie"))
        return self._parsed

    @property
    def _keys(self) -> Keyring:
        return keyring(self.app.config[AppConfig].keys)

    @property
    def _app_name(self) -> str:
        return self.app.config[AppConfig].name

    @property
    def _logger(self) -> Logger:
        ctx = self._ctx()
        return self.app.loggers.core_logger if ctx is None else ctx.core_logger

    def _read(self, received: str, name: str, protection: Protection) -> str | None:
        """Returns the value of the cookie `received`: `name` itself, or its partitioned copy."""
        value = self._received.get(received)
        if value is None or protection == "plain":
            return value
        if protection == "encrypted":
            return self._opened(name, value)
        return value if self._is_genuine(received, value) else None

    def _is_genuine(self, name: str, value: str) -> bool:
        """Returns whether a value has a valid signature; renews or deletes an old one."""
        keygrip = self._keys.keygrip
        signature = self._received.get(f"{name}.sig")
        if not signature:
            self._logger.debug("cookie %r has no signature; signed=False reads it", name)
            return False
        signed = f"{name}={value}"
        index = keygrip.verify(signed, signature)
        if index != 0:
            self._replace_signature(f"{name}.sig", keygrip.sign(signed) if index > 0 else "")
        return index >= 0

    def _replace_signature(self, name: str, signature: str) -> None:
        """Sets or deletes a signature, unless it is one that no browser can have (CK-6)."""
        if self._response.exchange.started:
            return
        try:
            cookie = self._cookie(name, self._defaults)
        except ArgumentError:
            return
        self._add([replace(cookie, value=signature)], overwrite=True)

    def _sealed(self, name: str, text: str) -> str:
        cipher = self._keys.cipher
        is_egg = self._defaults.encryption == "egg"
        return cipher.encrypt(text) if is_egg else cipher.seal(self._app_name, name, text)

    def _opened(self, name: str, value: str) -> str | None:
        cipher, encryption = self._keys.cipher, self._defaults.encryption
        is_outdated = False
        plaintext = None if encryption == "egg" else cipher.open(self._app_name, name, value)
        if plaintext is None and encryption != "aead":
            plaintext, is_outdated = cipher.decrypt(value), encryption == "upgrade"
        if plaintext is None:
            self._logger.debug("cookie %r is not encrypted by a key of the app", name)
            return None
        if is_outdated or plaintext.key > 0:
            self._outdated.add(name)
        return plaintext.text

    def _cookie(self, name: str, config: CookiesConfig) -> SetCookie:
        """Returns a cookie without a value, with the attributes that this client understands."""
        over_tls = self._request.secure
        secure = over_tls if config.secure is None else config.secure
        if secure and not over_tls and not config.ignore_secure_error:
            raise ArgumentError(
                f"cookie {name!r} cannot be set: secure, but the request came over HTTP",
                hint="set config.proxy behind a proxy that ends TLS, or ignore_secure_error",
            )
        same_site, agent = config.same_site, self._request.get("user-agent")
        if same_site == "none" and not (secure and over_tls and accepts_same_site_none(agent)):
            same_site = ""
            self._logger.debug("cookie %r: same_site 'none' needs HTTPS and a newer browser", name)
        return SetCookie(
            name=name,
            path=config.path,
            domain=config.domain,
            priority=config.priority,
            same_site=same_site,
            secure=secure,
            http_only=config.http_only,
            partitioned=config.partitioned and same_site == "none" and accepts_partitioned(agent),
        )

    def _lines(
        self, cookie: SetCookie, config: CookiesConfig, protection: Protection
    ) -> list[SetCookie]:
        """Returns a cookie and those that go with it (core:CK-4, CK-14)."""
        cookies = [cookie]
        agent = self._request.get("user-agent")
        if cookie.partitioned and config.remove_unpartitioned:
            cookies.insert(0, replace(cookie, value="", partitioned=False))
        elif config.auto_chips and not config.partitioned and cookie.same_site == "none":
            if accepts_partitioned(agent):
                cookies.insert(0, replace(cookie, name=_chips(cookie.name), partitioned=True))
        if protection != "signed":
            return cookies
        return [twin for each in cookies for twin in (each, self._signature(each))]

    def _signature(self, cookie: SetCookie) -> SetCookie:
        signed = f"{cookie.name}={cookie.value}"
        value = self._keys.keygrip.sign(signed) if cookie.value else ""
        return replace(cookie, name=f"{cookie.name}.sig", value=value)

    def _add(self, cookies: list[SetCookie], *, overwrite: bool) -> None:
        response = self._response
        if response.exchange.started:
            self._logger.warning("cookie %r is not set: the response has begun", cookies[0].name)
            return
        lines = response.fields.get("set-cookie", ("", []))[1]
        if overwrite:
            names = {cookie.name for cookie in cookies}
            lines = [line for line in lines if line.partition("=")[0] not in names]
        now = time()
        response.set("Set-Cookie", [*lines, *(cookie.line(now) for cookie in cookies)])

    def _report_size(self, name: str, value: str) -> None:
        """Logs a value that browsers drop, and emits `cookie_limit_exceed` (core:CK-12)."""
        self._logger.error(
            "cookie %r: its length %d exceeds the limit %d above which browsers drop it"
            " (keep the data on the server)",
            name,
            len(value),
            LIMIT,
        )
        self.app.emitter.call("cookie_limit_exceed", name, value, self._ctx())


def _protection(encrypt: bool, signed: bool) -> Protection:
    if encrypt:
        return "encrypted"
    return "signed" if signed else "plain"


def _chips(name: str) -> str:
    """Returns the name of the partitioned copy of a cookie (core:CK-14)."""
    return f"_CHIPS-{name}"
