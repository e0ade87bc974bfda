"""The options of a cookie: the section `cookies` of the config, and those of one call (core:CK-1).

A lifetime is in seconds, or text with a unit; in Egg it is in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypedDict

from eggd.config import Config
from eggd.config.measures import Seconds
from eggd.config.section import SectionError, checked_key
from eggd.errors import ArgumentError, ConfigError
from eggd.spelling import suggestion_or_list
from eggd.wire.cookie import LATEST, Priority, SameSite, SetCookie, finite_age

LONGEST = 400 * 86_400.0
"""Seconds above which browsers shorten the lifetime of a cookie (RFC 6265bis section 5.5)."""

Encryption = Literal["egg", "upgrade", "aead"]
"""The formats of encrypted values that are written and read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CookiesConfig:
    """The `cookies` section: the defaults of every `ctx.cookies.get` and `set` (core:CK-1)."""

    path: str | None = "/"
    """The path that a request must start with; None leaves it to the browser."""
    domain: str = ""
    """The domain whose hosts all receive a cookie; empty is the host of the request alone."""
    max_age: Seconds | Literal["session"] = "session"
    """Seconds that the browser keeps a cookie; "session": until its own session ends."""
    signed: bool = True
    """Whether a second cookie, `NAME.sig`, proves that this app wrote the value."""
    encrypt: bool = False
    """Whether values are encrypted; an encrypted one is not signed."""
    http_only: bool = True
    """Whether scripts of a page cannot read a cookie."""
    secure: bool | None = None
    """Whether a cookie is sent over HTTPS only; None: if the request came over HTTPS."""
    same_site: SameSite = ""
    """To which requests of other sites a browser attaches a cookie; empty leaves it to the
    browser."""
    priority: Priority = ""
    """Which cookies Chromium drops first if a site has too many."""
    partitioned: bool = False
    """Whether the browser keeps one cookie for each site that embeds this one; only with
    `same_site="none"`, over HTTPS, for a Chromium from 118 on (core:CK-14)."""
    remove_unpartitioned: bool = False
    """Whether a partitioned cookie deletes the unpartitioned one of its name."""
    overwrite: bool = False
    """Whether a cookie replaces those of the same name that this response has already."""
    ignore_secure_error: bool = False
    """Whether a secure cookie may be set on a request that came over HTTP."""
    auto_chips: bool = False
    """Whether each cookie with `same_site="none"` has a partitioned copy, `_CHIPS-NAME`."""
    encryption: Encryption = "egg"
    """The format of encrypted values: "egg", as Egg writes and reads them; "aead",
    authenticated and bound to the names of cookie and app; "upgrade" writes the latter and reads
    both."""

    def __post_init__(self) -> None:
        """Refuses a lifetime that no cookie has, or that browsers shorten: Egg's milliseconds."""
        if self.max_age == 0:
            raise ConfigError("cookies.max_age: 0 would delete every cookie", hint="in seconds")
        if isinstance(self.max_age, float) and self.max_age > LONGEST:
            raise ConfigError(
                f"cookies.max_age: {self.max_age:.0f} seconds are more than 400 days",
                hint="browsers keep no cookie longer; Egg's are milliseconds",
            )


class CookieOptions(TypedDict, total=False):
    """The options of one `ctx.cookies.set`; the defaults are in the section `cookies`."""

    path: str | None
    """The path that a request must start with."""
    domain: str
    """The domain whose hosts all receive it."""
    max_age: float | str | None
    """Seconds, or text such as "30d"; without it, or "session": until
    the browser's session ends; 0 and below delete."""
    expires: datetime | float | None
    """The moment at which the browser drops it, if there is no `max_age`."""
    signed: bool
    """Whether it is signed."""
    encrypt: bool
    """Whether it is encrypted."""
    http_only: bool
    """Whether scripts of a page cannot read it."""
    secure: bool | None
    """Whether it is sent over HTTPS only."""
    same_site: SameSite
    """To which requests of other sites it is attached."""
    priority: Priority
    """Which cookies Chromium drops first."""
    partitioned: bool
    """Whether the browser keeps one for each site that embeds this one."""
    remove_unpartitioned: bool
    """Whether it deletes the unpartitioned one of its name."""
    overwrite: bool
    """Whether it replaces those of its name in this response."""
    ignore_secure_error: bool
    """Whether it may be secure on a request that came over HTTP."""


def check_defaults(config: Config) -> CookiesConfig:
    """Returns the section; raises ConfigError for a path or domain that no cookie can have."""
    section: CookiesConfig = config[CookiesConfig]
    for key in ("path", "domain"):
        try:
            SetCookie(name=key, **{key: getattr(section, key)})
        except ArgumentError as exc:
            value, reason = getattr(section, key), exc.message.partition(": ")[2]
            where = config.located(("cookies", key))
            raise ConfigError(
                f"{where}: cookies.{key}: {value!r}: {reason}", hint=exc.hint
            ) from None
    return section


def merged(name: str, defaults: CookiesConfig, options: CookieOptions) -> CookiesConfig:
    """Returns the section with the options of one call, but without its times.

    Raises ArgumentError for an unknown option, naming the nearest, and for a wrong value.
    """
    given = {
        key: _checked(name, key, value)
        for key, value in options.items()
        if key not in ("max_age", "expires")
    }
    if given.get("signed") and given.get("encrypt"):
        raise contradiction(name)
    if given.get("signed") and "encrypt" not in given:
        given["encrypt"] = False
    if given.get("partitioned") and given.get("same_site", defaults.same_site) != "none":
        raise ArgumentError(
            f"cookie {name!r} cannot be set: partitioned has no effect with this same_site",
            hint="add same_site='none'",
        )
    return replace(defaults, **given) if given else defaults  # type: ignore[arg-type]


def contradiction(name: str) -> ArgumentError:
    """Returns the error for a cookie that is to be both signed and encrypted."""
    return ArgumentError(
        f"cookie {name!r} cannot be set: signed and encrypt are both true",
        hint="remove signed: an encrypted cookie is not signed",
    )


def lifetime(
    name: str, defaults: CookiesConfig, options: CookieOptions
) -> tuple[float | None, float | None]:
    """Returns `max_age` and `expires` in seconds; raises ArgumentError for a wrong value.

    So it does if both are given: a browser would ignore `expires`.
    """
    expires = _moment(name, options.get("expires"))
    if expires is not None and options.get("max_age") is not None:
        raise ArgumentError(
            f"cookie {name!r} cannot be set: max_age and expires are both set",
            hint="remove one of them",
        )
    if "max_age" not in options and expires is not None:
        return None, expires
    return _age(name, options.get("max_age", defaults.max_age)), expires


def _age(name: str, max_age: object) -> float | None:
    """Returns the seconds of a `max_age`; None for NaN, infinity and "session"."""
    if max_age is None or max_age == "session":
        return None
    if isinstance(max_age, int | float) and not isinstance(max_age, bool):
        return finite_age(max_age)
    if isinstance(max_age, str) and max_age.isdecimal():  # more digits than a float has: infinity
        return finite_age(float(max_age))
    return finite_age(float(str(_checked(name, "max_age", max_age))))


def _moment(name: str, expires: object) -> float | None:
    if expires is None:
        return None
    try:
        if isinstance(expires, datetime):
            return expires.timestamp()
        if isinstance(expires, int | float) and not isinstance(expires, bool):
            return min(max(float(min(expires, LATEST)), 0.0), LATEST)
    except (OverflowError, ValueError):  # a datetime near its limits
        return LATEST
    raise ArgumentError(
        f"cookie {name!r} cannot be set: expires must be a datetime or seconds since the epoch,"
        f" not {expires!r}"
    )


def _checked(name: str, key: str, value: object) -> object:
    """Returns the value of an option, checked as in the config."""
    if key not in CookieOptions.__annotations__:
        hint = suggestion_or_list(key, sorted(CookieOptions.__annotations__), "options")
        raise ArgumentError(f"cookie {name!r} cannot be set: {key}: unknown option", hint=hint)
    try:
        return checked_key(CookiesConfig, key, value, ())
    except SectionError as exc:
        raise ArgumentError(
            f"cookie {name!r} cannot be set: {exc.message}", hint=exc.hint
        ) from None
