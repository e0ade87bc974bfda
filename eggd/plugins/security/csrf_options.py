"""The part `security.csrf` of the section `security`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from eggd import ConfigError, Context, check_function, misspelt
from eggd.plugins.security.lists import check_hosts
from eggd.plugins.security.options import PartOptions

SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
"""The methods that change nothing (RFC 9110 section 9.2.1)."""
_USUAL = ("POST", "PATCH", "DELETE", "PUT", "CONNECT")
_NAMES = (("body_name", "parameter"), ("query_name", "parameter"), ("cookie_name", "cookie"))
HTTPS_PREFIXES = ("__Host-", "__Secure-")
"""Names of cookies that are sent over HTTPS only (RFC 6265bis section 4.1.3)."""
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

CsrfType = Literal["ctoken", "referer", "all", "any"]
"""The checks of a request: its token, its Referer, both, or one of the two (process:CSRF-2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportedRequest:
    """Requests that are checked (process:CSRF-9)."""

    path: re.Pattern[str] = re.compile("^/")
    """Searched for in the path."""
    methods: Sequence[str] = ()
    """The methods, in upper case."""

    def __post_init__(self) -> None:
        """Refuses methods that no request has."""
        for method in self.methods:
            if method != method.upper() or method in SAFE or misspelt(method, _USUAL):
                raise ConfigError(
                    f"security.csrf.supported_requests: {method!r} is not a method that is checked",
                    hint="POST, PUT, PATCH, DELETE or CONNECT",
                )
        if not self.methods:
            raise ConfigError(
                "security.csrf.supported_requests: a rule without methods has no effect",
                hint="add 'methods': ['POST']",
            )


def _supported() -> list[SupportedRequest]:
    return [SupportedRequest(methods=list(_USUAL))]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsrfOptions(PartOptions):
    """The check against requests that other sites make a visitor send (process:CSRF-1)."""

    type: CsrfType = "ctoken"
    """Which check a request must pass."""
    fetch_metadata: bool | None = None
    """Whether a browser's Sec-Fetch-Site, else its Origin, decides, and `type` only for requests
    without both; None: as `security.level` has it. The cookie is then set only for pages that use
    `ctx.csrf`."""
    ignore_json: bool = False
    """Whether requests with JSON are not checked (process:CSRF-10)."""
    use_session: bool = False
    """Whether the secret is in the session, not in a cookie (process:CSRF-5)."""
    cookie_name: str | Sequence[str] = "csrfToken"
    """The name of the cookie; of a list all are set and the first that is sent is read."""
    cookie_domain: str | Callable[[Context], str] = ""
    """The domain of the cookie, or a function of ctx that returns it."""
    cookie_options: Mapping[str, object] = field(default_factory=dict)
    """More options of the cookie, as of `ctx.cookies.set` (process:CSRF-3)."""
    session_name: str = "csrfToken"
    """The key of the secret in the session."""
    header_name: str = "x-csrf-token"
    """The header field with the token."""
    body_name: str | Sequence[str] = "_csrf"
    """The field of a form or JSON with the token; of a list the first that is sent."""
    query_name: str | Sequence[str] = "_csrf"
    """The key of the query with the token; likewise."""
    rotate_when_invalid: bool = False
    """Whether a wrong token replaces the secret (process:CSRF-11)."""
    supported_requests: Sequence[SupportedRequest] = field(default_factory=_supported)
    """Rules for the requests that are checked; GET, HEAD, OPTIONS and TRACE never are."""
    referer_white_list: Sequence[str] = ()
    """Other hosts whose pages may send requests, with their sub-domains (process:CSRF-12)."""

    def __post_init__(self) -> None:
        """Refuses names that no request could have."""
        check_hosts("csrf.referer_white_list", self.referer_white_list)
        if callable(self.cookie_domain):
            check_function("security.csrf.cookie_domain", self.cookie_domain, "ctx")
        if not _TOKEN.fullmatch(self.header_name):
            raise ConfigError(
                f"security.csrf.header_name: {self.header_name!r} is not the name of a field"
            )
        for key, noun in _NAMES:
            given = getattr(self, key)
            names = [given] if isinstance(given, str) else given
            if not names or not all(names):
                raise ConfigError(f"security.csrf.{key} is empty", hint=f"name the {noun}")
            if len({*names}) < len(names):
                raise ConfigError(f"security.csrf.{key} has a name twice", hint="remove one")
        if (
            not self.session_name
            or self.session_name.startswith("_")
            or self.session_name == "isNew"
        ):
            raise ConfigError(
                f"security.csrf.session_name: a session cannot have the key {self.session_name!r}",
                hint="choose a name that does not begin with _ and is not isNew",
            )
        if "expires" in self.cookie_options:
            raise ConfigError(
                "security.csrf.cookie_options: expires is one moment for all visitors",
                hint="use max_age",
            )
