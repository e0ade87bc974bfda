"""The header fields of each part, from its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, cast, get_args

from eggd import EggError
from eggd.plugins.security.csp import policy_text, takes_nonce
from eggd.plugins.security.options import (
    CspOptions,
    HstsOptions,
    PermissionsPolicyOptions,
    ReferrerPolicy,
    ReferrerPolicyOptions,
    XFrameOptions,
    XssProtectionOptions,
)

Fields = Mapping[str, str]
"""Header fields, name to value."""


class _Valued(Protocol):
    value: str


def csp_fields(options: CspOptions, nonce: str = "", *, is_ie: bool = False) -> Fields:
    """Returns the field of the policy, in the older spelling for Internet Explorer."""
    name = "X-Content-Security-Policy" if is_ie else "Content-Security-Policy"
    text = policy_text(options.policy, nonce if takes_nonce(options.policy) else "")
    return {f"{name}-Report-Only" if options.report_only else name: text} if text else {}


def _hsts(options: HstsOptions) -> Fields:
    more = "; includeSubdomains" if options.include_subdomains else ""
    more += "; preload" if options.preload else ""
    return {"Strict-Transport-Security": f"max-age={options.max_age:.0f}{more}"}


def _xframe(options: XFrameOptions) -> Fields:
    return {"X-Frame-Options": options.value or "SAMEORIGIN"}


def _xss_protection(options: XssProtectionOptions) -> Fields:
    return {"X-XSS-Protection": str(options.value)}


def _referrer_policy(options: ReferrerPolicyOptions) -> Fields:
    if options.value not in get_args(ReferrerPolicy):
        raise EggError(
            f"referrer_policy: {options.value!r} is not available",
            hint=f"one of {', '.join(filter(None, get_args(ReferrerPolicy)))}",
        )
    return {"Referrer-Policy": options.value or ""}


def _permissions_policy(options: PermissionsPolicyOptions) -> Fields:
    features = [
        f"{name.replace('_', '-')}=({' '.join(map(_origin, origins))})"
        for name, origins in options.policy.items()
    ]
    return {"Permissions-Policy": ", ".join(features)} if features else {}


def _origin(origin: str) -> str:
    if any(each in origin for each in '",()\\'):
        raise EggError(f"security.permissions_policy: {origin!r} is not an origin")
    return origin if origin in ("self", "*", "src") else f'"{origin}"'


def _valued(field: str) -> Callable[[_Valued], Fields]:
    return lambda options: {field: options.value}


_OF: Mapping[str, Callable[..., Fields]] = {
    "hsts": _hsts,
    "noopen": lambda options: {"X-Download-Options": "noopen"},
    "nosniff": lambda options: {"X-Content-Type-Options": "nosniff"},
    "csp": csp_fields,
    "xss_protection": _xss_protection,
    "xframe": _xframe,
    "referrer_policy": _referrer_policy,
    "coop": _valued("Cross-Origin-Opener-Policy"),
    "corp": _valued("Cross-Origin-Resource-Policy"),
    "coep": _valued("Cross-Origin-Embedder-Policy"),
    "permissions_policy": _permissions_policy,
}
PARTS: Sequence[str] = tuple(_OF)
"""The parts that set header fields."""


def fields_of(name: str, options: object) -> Fields:
    """Returns the fields of a part. Raises EggError for an option that no field can have."""
    return _OF[name](cast("CspOptions", options))
