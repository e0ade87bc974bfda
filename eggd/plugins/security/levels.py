"""The defaults of the parts by `security.level`, and what is set after the config is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import cast

from eggd.plugins.security.csp import overlaid
from eggd.plugins.security.options import Policy
from eggd.plugins.security.section import MIDDLEWARES, Level, SecurityConfig

Values = MutableMapping[str, object]
"""A section or a part of it, as a mapping."""

_SHARED = ("csrf", "methodnoallow", "nosniff", "xframe", "dta")
ENABLED: Mapping[Level, frozenset[str]] = {
    "egg": frozenset((*_SHARED, "noopen", "xss_protection")),
    "strict": frozenset(
        (*_SHARED, "csp", "referrer_policy", "coop", "corp", "coep", "permissions_policy")
    ),
}
"""The parts that are used by default."""

STRICT_POLICY: Policy = {
    "default-src": "'self'",
    "script-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
"""The policy of `level = "strict"`: no inline code without `ctx.nonce`."""

_UNUSED = (
    *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope"),
    *("magnetometer", "microphone", "midi", "payment", "serial", "usb"),
)
STRICT_PERMISSIONS: Mapping[str, list[str]] = {feature: [] for feature in _UNUSED}
"""Features of the browser that no page may use with `level = "strict"`."""

REFERRER: Mapping[Level, str] = {
    "egg": "no-referrer-when-downgrade",
    "strict": "strict-origin-when-cross-origin",
}
"""The default of `referrer_policy.value`."""


def complete(
    section: SecurityConfig, warn: Callable[[str], None], is_set: Callable[[str], bool]
) -> None:
    """Sets every key whose default depends on the level; `warn` gets a text per doubtful key.

    `is_set` returns whether a file sets a dotted key.
    """
    level, values = section.level, cast("Values", section)
    for name in MIDDLEWARES:
        if values[name] is False:
            warn(f"security.{name}: False is short for {{'enable': False}}: write the latter")
            values[name] = {"enable": False}
        part = cast("Values", values[name])
        is_wanted = part["enable"] is True or (
            part["enable"] is None and is_set(f"security.{name}")
        )
        if name not in section.middlewares:
            if is_wanted:
                warn(f"security.{name} has no effect: security.default_middleware does not name it")
            part["enable"] = False
        elif part["enable"] is None:
            part["enable"] = name in ENABLED[level]
            if not part["enable"] and is_wanted:
                warn(f"security.{name} has no effect at level {level}: add 'enable': True")
        if part["match"] is not None and part["ignore"] is not None:
            warn(f"security.{name}: ignore has no effect beside match")
            part["ignore"] = None
    _fill(values, "csrf", "fetch_metadata", level == "strict")
    _fill(values, "referrer_policy", "value", REFERRER[level])
    if level == "strict":
        for name, policy in (("csp", STRICT_POLICY), ("permissions_policy", STRICT_PERMISSIONS)):
            part = cast("Values", values[name])
            part["policy"] = overlaid(policy, cast("Mapping[str, object]", part["policy"]))


def _fill(section: Values, name: str, key: str, default: object) -> None:
    part = cast("Values", section[name])
    if part[key] is None or part[key] == {}:
        part[key] = default
