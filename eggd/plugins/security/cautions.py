"""Values of the section that protect nothing or have no effect: a warning each, not an error."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eggd.plugins.security.permissions import unknown_features
from eggd.plugins.security.section import MIDDLEWARES, SecurityConfig

_FRAMES = re.compile(r"(?:DENY|SAMEORIGIN|ALLOW-FROM .*)?\Z", re.IGNORECASE)


def warnings_of(section: SecurityConfig) -> Iterator[str]:
    """Yields one line for each doubtful value of a section that `levels.complete` has completed."""
    parts = [getattr(section, name) for name in MIDDLEWARES]
    if not any(part and part.enable for part in parts):
        yield "security protects nothing: all its parts are off (see security.default_middleware)"
    yield from _about_csrf(section)
    if section.xframe and not _FRAMES.match(section.xframe.value):
        yield (
            "security.xframe.value: browsers know DENY and SAMEORIGIN, not"
            f" {section.xframe.value!r}"
        )
    if section.permissions_policy:
        yield from unknown_features(section.permissions_policy.policy)
    if section.csp and section.csp.enable and not section.csp.policy:
        yield "security.csp.enable has no effect without a policy"


def _about_csrf(section: SecurityConfig) -> Iterator[str]:
    csrf = section.csrf
    if not csrf or not csrf.enable:
        return
    if csrf.ignore_json:
        yield (
            "security.csrf.ignore_json is deprecated: a page of another site can send JSON, too"
            " (use security.csrf.ignore, or level 'strict')"
        )
    if not csrf.supported_requests:
        yield "security.csrf.supported_requests is empty: no usual request is checked"
