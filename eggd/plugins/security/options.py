"""The parts of the section `security` that set header fields, and those that check paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from eggd import Between, ConfigError, Seconds
from eggd.plugins.security.policies import check_features, check_field, check_policy

Policy = Mapping[str, str | bool | Sequence[str]]
"""Directives of a policy: a value, a list of values, True for a directive without a value, False
for one that is left out."""

_YEAR = 365 * 86_400.0

ReferrerPolicy = Literal[
    "",
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
]
"""The values of Referrer-Policy (process:HDR-7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOptions:
    """The keys that all parts have: whether, and for which requests, they do their work."""

    enable: bool | None = None
    """Whether the part is used; None: as `security.level` has it."""
    match: object = None
    """The requests that it is used for, as a middleware's `match` (docs/middleware.md)."""
    ignore: object = None
    """The requests that it is not used for; without effect beside `match` (process:SEC-4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XFrameOptions(PartOptions):
    """X-Frame-Options: which sites may show a page in a frame (process:HDR-1)."""

    value: str = "SAMEORIGIN"
    """DENY, SAMEORIGIN, or another value, which is sent unchanged."""

    def __post_init__(self) -> None:
        """Refuses a value that no header field can have."""
        check_field("xframe.value", self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class HstsOptions(PartOptions):
    """Strict-Transport-Security: HTTPS only from now on (process:HDR-2)."""

    max_age: Annotated[Seconds, Between(0, 10 * _YEAR)] = _YEAR
    """Seconds for which browsers use HTTPS only."""
    include_subdomains: bool = False
    """Whether this holds for all sub-domains."""
    preload: bool = False
    """Whether the owner agrees to the lists of HTTPS hosts that browsers contain."""

    def __post_init__(self) -> None:
        if self.max_age % 1:
            raise ConfigError(
                f"security.hsts.max_age must be a whole number of seconds, not {self.max_age}"
            )
        if self.preload and not (self.include_subdomains and self.max_age >= _YEAR):
            raise ConfigError(
                "security.hsts.preload needs include_subdomains, and a max_age of 365 days or more",
                hint="https://hstspreload.org accepts no other site",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class XssProtectionOptions(PartOptions):
    """X-XSS-Protection, for browsers before 2020 (process:HDR-4)."""

    value: str | Annotated[int, Between(0, 1)] = "1; mode=block"
    """The value; "0" or 0 switches the filter of the browser off."""

    def __post_init__(self) -> None:
        if not str(self.value).startswith(("0", "1")):
            raise ConfigError(
                f"security.xss_protection.value begins with 0 or 1, not {self.value!r}"
            )
        check_field("xss_protection.value", str(self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class CspOptions(PartOptions):
    """Content-Security-Policy: where a page may load code and other parts from (process:HDR-5)."""

    policy: Policy = field(default_factory=dict)
    """The directives, in order: `{"script-src": ["'self'", ".example.com"]}`. At level strict they
    are added to those of the level, or replace the same ones; False removes one."""
    report_only: bool = False
    """Whether browsers only report what breaks the policy."""
    support_ie: bool = False
    """Whether Internet Explorer gets the field by its older name."""

    def __post_init__(self) -> None:
        """Refuses misspelt directives, and keywords that would be hosts without their quotes."""
        check_policy(self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferrerPolicyOptions(PartOptions):
    """Referrer-Policy: how much of a URL other sites learn (process:HDR-7)."""

    value: ReferrerPolicy | None = None
    """The policy; None: as `security.level` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenerPolicyOptions(PartOptions):
    """Cross-Origin-Opener-Policy: whether pages of other origins keep a hold of this window."""

    value: Literal[
        "same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none"
    ] = "same-origin"
    """The policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePolicyOptions(PartOptions):
    """Cross-Origin-Resource-Policy: which origins may embed a response."""

    value: Literal["same-origin", "same-site", "cross-origin"] = "same-origin"
    """The policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderPolicyOptions(PartOptions):
    """Cross-Origin-Embedder-Policy: what a page may embed of other origins."""

    value: Literal["require-corp", "credentialless", "unsafe-none"] = "require-corp"
    """The policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionsPolicyOptions(PartOptions):
    """Permissions-Policy: which features of the browser a page may use."""

    policy: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The origins for each feature: `{"camera": [], "geolocation": ["self"]}`. At level strict they
    are added to those of the level, or replace the same ones."""

    def __post_init__(self) -> None:
        """Refuses names and origins that the field cannot have."""
        check_features(self.policy)
