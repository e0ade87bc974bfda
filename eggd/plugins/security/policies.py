"""Checks the policies of the config, whose mistakes browsers ignore in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from eggd import ConfigError, suggestion

_DIRECTIVES = (
    *("default-src", "script-src", "script-src-elem", "script-src-attr", "style-src", "img-src"),
    *("style-src-elem", "style-src-attr", "font-src", "connect-src", "media-src", "object-src"),
    *("child-src", "frame-src", "worker-src", "manifest-src", "base-uri", "form-action", "sandbox"),
    *("frame-ancestors", "report-uri", "report-to", "upgrade-insecure-requests", "plugin-types"),
    *("block-all-mixed-content", "require-trusted-types-for", "trusted-types", "prefetch-src"),
    *("fenced-frame-src", "navigate-to", "referrer", "reflected-xss", "require-sri-for"),
)
_KEYWORDS = (
    *("self", "none", "unsafe-inline", "unsafe-eval", "unsafe-hashes", "strict-dynamic"),
    *("report-sample", "wasm-unsafe-eval", "inline-speculation-rules", "allow-duplicates"),
    *("trusted-types-eval", "unsafe-webtransport-hashes", "unsafe-allow-redirects", "script"),
    *("report-sha256", "report-sha384", "report-sha512"),
)
_FLAGS = ("upgrade-insecure-requests", "block-all-mixed-content")
"""Directives without a value."""
_OTHER_VALUES = ("report-to", "report-uri", "trusted-types", "plugin-types", "referrer")
"""Directives whose values are not sources."""
_SANDBOX = tuple(
    f"allow-{each}"
    for each in (
        "downloads forms modals orientation-lock pointer-lock popups popups-to-escape-sandbox"
        " presentation same-origin scripts storage-access-by-user-activation"
        " top-navigation top-navigation-by-user-activation top-navigation-to-custom-protocols"
    ).split()
)
_SCHEMES = ("http", "https", "ws", "wss", "data", "blob", "filesystem", "mediastream")
_SLIP = re.compile(r"(https?|wss?)(?::/?(?=[^/*:0-9])|//)", re.IGNORECASE)
"""A scheme with a part of `://` missing."""
_BARE_WORDS = re.compile(r"(?:self|none|unsafe-[a-z]+|strict-dynamic|(?:nonce|sha\d{3})-.+)")
_QUOTED = re.compile(r"'([^']*)'")
_HASH = re.compile(r"(?:nonce|sha256|sha384|sha512)-[A-Za-z0-9+/_\-]+={0,2}")
_PLAIN = re.compile(r"[!-+\--:<-~ ]*")
"""Printable ASCII without `,` and `;`, which begin another policy or directive."""
_FEATURE = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.\-]*://(?:\*\.)?[A-Za-z0-9._\-\[\]:]+(?::(?:[0-9]+|\*))?")
_ALLOWED = ("self", "src", "*")

Sources = str | bool | Sequence[str]
"""The value of a directive."""


def check_field(key: str, value: str) -> None:
    """Raises ConfigError for a value that no header field can have."""
    if not value.isascii() or not value.isprintable():
        raise ConfigError(
            f"security.{key}: {value!r} has a character that no header field can have"
        )


def check_policy(policy: Mapping[str, Sources]) -> None:
    """Raises ConfigError for a misspelt directive or keyword, and for one without its quotes."""
    names = [directive.replace("_", "-").lower() for directive in policy]
    for name, (directive, value) in zip(names, policy.items(), strict=True):
        near = _nearest(name, _DIRECTIVES, cutoff=0.8)
        if near:
            raise _wrong(f"{directive!r} is not a directive", f"did you mean {near!r}?")
        if names.count(name) > 1:
            raise _wrong(f"{name} is set twice", "remove one of the spellings")
        for source in _sources(value):
            _check_source(directive, source, is_sandbox=name == "sandbox")


def doubtful_sources(policy: Mapping[str, Sources]) -> Iterator[str]:
    """Yields a text for each directive and keyword that browsers do not know, or ignore."""
    for directive, value in policy.items():
        name = directive.replace("_", "-").lower()
        sources = _sources(value)
        if name not in _DIRECTIVES:
            yield f"security.csp.policy: {directive!r} is not a known directive"
        if "'none'" in sources and len(sources) > 1:
            yield f"security.csp.policy: {directive}: 'none' has no effect beside other sources"
        if name in _FLAGS:
            if sources:
                yield f"security.csp.policy: {directive} takes no value: write True"
            continue
        for source in sources:
            if problem := _doubt(name, source):
                yield f"security.csp.policy: {directive}: {problem}"


def _doubt(name: str, source: str) -> str:
    """Returns what is doubtful about a source that the field can have, "" if nothing is."""
    if name == "sandbox":
        near = suggestion(source, _SANDBOX)
        return (
            "" if source in _SANDBOX else f"{source!r} is not known" + (f" ({near})" * bool(near))
        )
    if quoted := _QUOTED.fullmatch(source):
        if quoted[1].startswith("nonce-"):
            return f"{source} is the same in every response, and protects nothing (use ctx.nonce)"
        is_known = quoted[1] in _KEYWORDS or _HASH.fullmatch(quoted[1])
        return "" if is_known else f"{source} is not a known keyword"
    if source.lower() in _SCHEMES and name not in _OTHER_VALUES:
        return f"{source!r} is a host (write '{source}:' for the scheme)"
    if slip := _SLIP.match(source):
        return f"{source!r} is not a URL (write '{slip[1]}://...')"
    scheme, separator, _ = source.partition("://")
    near = suggestion(scheme.lower(), _SCHEMES) if separator else ""
    return f"{source!r} has an unknown scheme ({near})" if near and scheme not in _SCHEMES else ""


def _check_source(directive: str, source: str, *, is_sandbox: bool) -> None:
    if not _PLAIN.fullmatch(source):
        what = "holds a separator" if source.isascii() and source.isprintable() else "is not ASCII"
        hint = "a list of sources, without commas, semicolons and line breaks"
        raise _wrong(f"{directive}: {source!r} {what}", hint)
    if not is_sandbox and _BARE_WORDS.fullmatch(source):
        text = f"{directive}: {source!r} is a host without its quotes"
        raise _wrong(text, f"write \"'{source}'\"")
    quoted = _QUOTED.fullmatch(source)
    if quoted and not _HASH.fullmatch(quoted[1]):
        near = _nearest(quoted[1], _KEYWORDS, cutoff=0.7)
        if near:
            text = f"{directive}: {source} is not a keyword"
            raise _wrong(text, f"did you mean \"'{near}'\"?")


def _nearest(name: str, known: Sequence[str], *, cutoff: float) -> str:
    """Returns the known name that an unknown one is most like; "" without one."""
    if name in known:
        return ""
    from difflib import get_close_matches  # after a mistake only: it takes 140 KiB

    return "".join(get_close_matches(name, known, n=1, cutoff=cutoff))


def _sources(value: Sources) -> Sequence[str]:
    if isinstance(value, bool):
        return ()
    return (
        value.split()
        if isinstance(value, str)
        else [each for text in value for each in text.split()]
    )


def _wrong(text: str, hint: str) -> ConfigError:
    return ConfigError(f"security.csp.policy: {text}", hint=hint)


def check_features(policy: Mapping[str, Iterable[str]]) -> None:
    """Raises ConfigError for a name or an origin that Permissions-Policy cannot have."""
    where = "security.permissions_policy.policy"
    names = [feature.replace("_", "-") for feature in policy]
    for name, (feature, origins) in zip(names, policy.items(), strict=True):
        if not _FEATURE.fullmatch(feature):
            raise ConfigError(f"{where}: {feature!r} is not the name of a feature")
        if names.count(name) > 1:
            raise ConfigError(f"{where}: {name} is set twice", hint="remove one of the spellings")
        for origin in origins:
            if origin not in _ALLOWED and not _ORIGIN.fullmatch(origin):
                raise ConfigError(
                    f"{where}: {feature}: {origin!r} is not an origin", hint=_origin_hint(origin)
                )


def _origin_hint(origin: str) -> str:
    bare = origin.strip("'\"")
    if bare in _ALLOWED:
        return f"write {bare!r}"
    if bare == "none":
        return "an empty list allows no page"
    scheme, separator, rest = bare.partition("://")
    host = rest.partition("/")[0]
    if separator and _ORIGIN.fullmatch(f"{scheme}://{host}"):
        return f"write '{scheme}://{host}'"
    return "'self', '*', or an origin such as 'https://shop.example'"
