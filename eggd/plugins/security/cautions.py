"""Values of the section that protect nothing or have no effect: a warning each, not an error."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eggd import Config, Router, https_caution
from eggd.plugins.security.csp import takes_nonce
from eggd.plugins.security.csrf_options import HTTPS_PREFIXES, CsrfOptions
from eggd.plugins.security.options import CspOptions
from eggd.plugins.security.permissions import unknown_features
from eggd.plugins.security.policies import doubtful_sources
from eggd.plugins.security.section import MIDDLEWARES, SecurityConfig

_FRAMES = re.compile(r"(?:DENY|SAMEORIGIN|ALLOW-FROM .*)?\Z", re.IGNORECASE)


def warnings_of(section: SecurityConfig, config: Config) -> Iterator[str]:
    """Yields one line for each doubtful value of a section that `levels.complete` has completed.

    `config` is the whole config of the app.
    """
    parts = [getattr(section, name) for name in MIDDLEWARES]
    if not any(part and part.enable for part in parts):
        yield "security protects nothing: all its parts are off (see security.default_middleware)"
    yield from _about_csrf(section, config)
    if section.xframe and not _FRAMES.match(section.xframe.value):
        yield (
            "security.xframe.value: browsers know DENY and SAMEORIGIN, not"
            f" {section.xframe.value!r}"
        )
    if section.permissions_policy:
        yield from unknown_features(section.permissions_policy.policy)
    yield from _about_hosts(section)
    if section.csp:
        yield from doubtful_sources(section.csp.policy)
        if section.csp.enable:
            yield from _about_inline(section.level, section.csp)
    if section.csp and section.csp.enable and not section.csp.policy:
        yield "security.csp.enable has no effect without a policy"


def _about_inline(level: str, csp: CspOptions) -> Iterator[str]:
    """Yields a text for directives that browsers ignore beside the nonce, or in a report."""
    scripts = str(csp.policy.get("script-src", csp.policy.get("script_src", "")))
    has_fallback = "'strict-dynamic'" in scripts or "'sha" in scripts  # for old browsers
    if level == "egg" and "'unsafe-inline'" in scripts and not has_fallback:
        if takes_nonce(csp.policy):
            yield (
                "security.csp.policy: script-src: browsers ignore 'unsafe-inline' beside the nonce,"
                " which eggd adds (write ctx.nonce into the scripts)"
            )
    if csp.report_only and csp.policy.get("sandbox", False) is not False:
        yield "security.csp.policy: sandbox has no effect with report_only"


def unread_hosts(section: SecurityConfig, router: Router) -> Iterator[str]:
    """Yields a text if no check of the loaded app reads `csrf.referer_white_list`."""
    csrf = section.csrf
    is_read = not csrf or not csrf.enable or csrf.fetch_metadata or csrf.type != "ctoken"
    if csrf and csrf.referer_white_list and not (is_read or router.mounts):
        yield (
            "security.csrf.referer_white_list has no effect: type 'ctoken' reads neither Origin nor"
            " Referer (set fetch_metadata, or level 'strict')"
        )


def _about_hosts(section: SecurityConfig) -> Iterator[str]:
    for name in section.domain_white_list:
        if "*" in name.removeprefix("*.") and name != "*":
            yield (
                f"security.domain_white_list: {name!r} may fit hosts of others, as '*' stands for"
                " any characters (write '*.shop.example' for sub-domains)"
            )
    if any(entry.endswith("/0") for entry in section.ssrf.ip_exception_list):
        yield "security.ssrf.ip_exception_list has all addresses: safe_curl allows each"


def _about_csrf(section: SecurityConfig, config: Config) -> Iterator[str]:
    csrf = section.csrf
    if not csrf or not csrf.enable:
        return
    if csrf.ignore_json:
        yield (
            "security.csrf.ignore_json is deprecated: a page of another site can send JSON, too"
            " (use security.csrf.ignore, or level 'strict')"
        )
    if "_" in csrf.header_name:
        name = csrf.header_name.replace("_", "-")
        yield (
            f"security.csrf.header_name: {csrf.header_name!r}: proxies such as nginx drop fields"
            f" with '_' (write {name!r})"
        )
    yield from _about_cookie(csrf)
    yield from _about_https(csrf, config)
    if not csrf.supported_requests:
        yield "security.csrf.supported_requests is empty: no usual request is checked"


def _about_cookie(csrf: CsrfOptions) -> Iterator[str]:
    """Yields a text for keys that the place of the secret, or the type of the check, leaves out."""
    defaults = CsrfOptions()
    if csrf.use_session:
        for key in ("cookie_name", "cookie_domain", "cookie_options"):
            if getattr(csrf, key) != getattr(defaults, key):
                yield f"security.csrf.{key} has no effect with use_session"
    elif csrf.session_name != defaults.session_name:
        yield "security.csrf.session_name has no effect without use_session"
    if csrf.type == "referer" and csrf.rotate_when_invalid:
        yield "security.csrf.rotate_when_invalid has no effect with type 'referer'"


def _about_https(csrf: CsrfOptions, config: Config) -> Iterator[str]:
    """Yields a text for a cookie that needs HTTPS, where no key announces HTTPS."""
    if csrf.use_session:
        return
    names = [csrf.cookie_name] if isinstance(csrf.cookie_name, str) else csrf.cookie_name
    prefixed = [name for name in names if name.startswith(HTTPS_PREFIXES)]
    if prefixed:
        what, cure = f"security.csrf.cookie_name: {prefixed[0]!r}", "choose another name"
    elif csrf.cookie_options.get("secure"):
        what = "security.csrf.cookie_options: 'secure'"
        cure = "remove it, as over HTTPS the cookie is secure without it"
    else:
        return
    effect = "the browser has no CSRF cookie, and each form fails"
    if text := https_caution(config, effect, cure):
        yield f"{what} {text}"
