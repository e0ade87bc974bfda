"""The section `security` of the config: one part for each protection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from eggd import ConfigError
from eggd.plugins.security.csrf_options import CsrfOptions
from eggd.plugins.security.hosts import HostsOptions
from eggd.plugins.security.lists import check_names, check_schemes
from eggd.plugins.security.options import (
    CspOptions,
    EmbedderPolicyOptions,
    HstsOptions,
    OpenerPolicyOptions,
    PartOptions,
    PermissionsPolicyOptions,
    ReferrerPolicyOptions,
    ResourcePolicyOptions,
    XFrameOptions,
    XssProtectionOptions,
)
from eggd.plugins.security.shtml_options import ShtmlOptions
from eggd.plugins.security.ssrf import SsrfOptions

Level = Literal["egg", "strict"]
"""The defaults of all parts: Egg's, or those of today's browsers."""

Off = Literal[False]
"""False in place of a part is `{"enable": False}`, with a warning (process:SEC-3)."""

_EGG = "csrf,hsts,methodnoallow,noopen,nosniff,csp,xss_protection,xframe,dta"
MIDDLEWARES = (*_EGG.split(","), "referrer_policy", "coop", "corp", "coep", "permissions_policy")
"""The parts, by the names of their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityConfig:
    """The protections of every request and response (process:SEC-1)."""

    level: Level = "egg"
    """The defaults of the parts: "egg" as Egg has them, "strict" for new applications."""
    default_middleware: str | Sequence[str] = ",".join(MIDDLEWARES)
    """The parts that may be used, a list or text with commas; a part that it does not name is
    off."""
    domain_white_list: Sequence[str] = ()
    """The hosts that `ctx.redirect` may lead to, with `*` as a wildcard, or with a dot in front for
    all sub-domains; empty: all hosts (process:RED-2)."""
    protocol_white_list: Sequence[str] = ()
    """More schemes of links than http, https, file and data (process:HLP-2)."""
    exempt_mounts: Sequence[str] = ()
    """The prefixes of mounted applications that are left alone."""
    hosts: HostsOptions = field(default_factory=HostsOptions)
    """The hosts that the app answers for."""
    csrf: CsrfOptions | Off = field(default_factory=CsrfOptions)
    """Requests that other sites make a visitor send."""
    hsts: HstsOptions | Off = field(default_factory=HstsOptions)
    """HTTPS only."""
    methodnoallow: PartOptions | Off = field(default_factory=PartOptions)
    """TRACE and TRACK are answered with 405 (process:HDR-8)."""
    noopen: PartOptions | Off = field(default_factory=PartOptions)
    """Internet Explorer does not open downloads in the site's context (process:HDR-3)."""
    nosniff: PartOptions | Off = field(default_factory=PartOptions)
    """Browsers do not guess the type of a response (process:HDR-3)."""
    csp: CspOptions | Off = field(default_factory=CspOptions)
    """The sources of code and other parts of a page."""
    xss_protection: XssProtectionOptions | Off = field(default_factory=XssProtectionOptions)
    """The filter of browsers before 2020."""
    xframe: XFrameOptions | Off = field(default_factory=XFrameOptions)
    """The sites that may show a page in a frame."""
    dta: PartOptions | Off = field(default_factory=PartOptions)
    """A path that leads above the root is answered with 400 (process:HDR-9)."""
    referrer_policy: ReferrerPolicyOptions | Off = field(default_factory=ReferrerPolicyOptions)
    """The part of a URL that other sites learn."""
    coop: OpenerPolicyOptions | Off = field(default_factory=OpenerPolicyOptions)
    """Whether pages of other origins keep a hold of this window."""
    corp: ResourcePolicyOptions | Off = field(default_factory=ResourcePolicyOptions)
    """The origins that may embed a response."""
    coep: EmbedderPolicyOptions | Off = field(default_factory=EmbedderPolicyOptions)
    """The resources of other origins that a page may embed."""
    permissions_policy: PermissionsPolicyOptions | Off = field(
        default_factory=PermissionsPolicyOptions
    )
    """The features of the browser that a page may use."""
    shtml: ShtmlOptions = field(default_factory=ShtmlOptions)
    """The HTML of visitors that `ctx.helper.shtml` keeps."""
    ssrf: SsrfOptions = field(default_factory=SsrfOptions)
    """The addresses that `safe_curl` may connect to (process:SSRF-1)."""

    def __post_init__(self) -> None:
        check_names("domain_white_list", self.domain_white_list)
        check_schemes(self.protocol_white_list)
        unknown = [name for name in self.middlewares if name not in MIDDLEWARES]
        if unknown:
            raise ConfigError(
                f"security.default_middleware: {unknown[0]!r} is unknown",
                hint=f"choose from {', '.join(MIDDLEWARES)}",
            )

    @property
    def middlewares(self) -> list[str]:
        """The names in `default_middleware` (process:SEC-1)."""
        names = self.default_middleware
        parts = names.split(",") if isinstance(names, str) else names
        return [name.strip() for name in parts if name.strip()]
