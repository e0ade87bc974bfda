"""The section `cors` of the config."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from eggd import Between, ConfigError, Seconds, suggestion
from eggd.plugins.cors.origins import allowed_origins

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS")
"""The methods that a script may use; browsers compare them with their case."""
_LISTS = ("allow_methods", "allow_headers", "expose_headers")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsConfig:
    """The origins whose pages may read responses, and the requests that their scripts may make."""

    origin: str | Sequence[object] | re.Pattern[str] | Callable[..., object] | None = None
    """The allowed origins: "https://shop.example", "https://*.shop.example" for all sub-domains, a
    compiled regular expression of the whole origin, or a list of these; "*" is every origin; a
    plain function of ctx returns an origin, "*", or whether the request's own is allowed."""
    credentials: bool = False
    """Whether scripts may send cookies and read the response; not together with "*"."""
    allow_methods: Sequence[str] = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH")
    """The methods that scripts may use."""
    allow_headers: Sequence[str] | None = None
    """The request fields that scripts may set; None allows those that they ask for."""
    expose_headers: Sequence[str] = ()
    """The response fields that scripts may read, beside the seven that are always readable."""
    max_age: Annotated[Seconds, Between(0, 365 * 86_400)] = 600.0
    """Seconds that a browser may keep the answer to a preflight; 0: the browser decides (5 s);
    Chromium keeps it for at most two hours."""
    private_network: bool = False
    """Whether pages of a public network may reach this server in a private one."""
    match: object = None
    """Only requests of these paths get the fields: text, a regex, a function of ctx, or a list."""
    ignore: object = None
    """Requests of these paths do not get them; not together with `match`."""

    def __post_init__(self) -> None:
        """Refuses what is not an origin, names that a header field cannot hold, and wildcards
        beside credentials."""
        for key in _LISTS:
            for name in getattr(self, key) or ():
                if not _TOKEN.fullmatch(name):
                    raise ConfigError(f"cors.{key}: {name!r} is not a valid name")
                if key == "allow_methods" and name != "*" and name not in METHODS:
                    raise ConfigError(
                        f"cors.{key}: {name!r} is not a method of a request",
                        hint=suggestion(name.upper(), METHODS) or f"one of {', '.join(METHODS)}",
                    )
                if name == "*" and self.credentials:
                    raise ConfigError(
                        f"cors.{key}: '*' has no meaning together with cors.credentials",
                        hint="list the names",
                    )
        if self.origin is not None:
            allowed_origins(self.origin, credentials=self.credentials)
        if self.match is not None and self.ignore is not None:
            raise ConfigError("cors.match and cors.ignore cannot both be set")
