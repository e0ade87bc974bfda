"""A route's path pattern: matcher and reverse (path-to-regexp 1.x's grammar, core:RT-5..7).

`/user/:id`, `/files/:rest*`, `/:year(\\d{4})`, `/v:major?`, `/any/(.*)`. Case matters, a trailing
slash does not. A parameter never spans a slash unless it ends in `*` or `+`. An `re.Pattern` is a
path, too: it is searched for, and its groups are the parameters "0", "1" and its own names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from eggd.errors import RouteError

_TOKEN = re.compile(
    r"(?P<slash>/)?(?::(?P<name>\w+)(?:\((?P<rule>(?:\\.|[^()\\])+)\))?|\((?P<group>(?:\\.|[^()\\])+)\))"
    r"(?P<times>[?*+])?",
    re.ASCII,
)
_SPECIAL = re.compile(r"[:()*?+]")
_WHOLE = re.compile(r":\w+", re.ASCII)


@dataclass(slots=True)
class Pattern:
    """A compiled path: `literal` when it has no parameters, `prefix` its leading whole segments."""

    path: str
    source: str
    """The regular expression, without the anchors that a full match has."""
    names: tuple[str, ...]
    literal: bool
    prefix: tuple[str, ...]
    plain: bool
    """Whether every parameter is one whole segment without a rule (`/user/:id`)."""
    _regex: re.Pattern[str] | None = None
    given: bool = False
    """Whether the path was given as a regular expression, which has no reverse."""

    @property
    def regex(self) -> re.Pattern[str]:
        """The compiled `source`; compiled on first use, which a literal path never sees."""
        if self._regex is None:
            self._regex = re.compile(self.source, re.ASCII | re.DOTALL)
        return self._regex

    def match(self, path: str) -> dict[str, str] | None:
        """Return the decoded parameters of a raw path, or None where it does not match."""
        found = self.find(path)
        if found is None:
            return None
        groups = zip(self.names, found.groups(), strict=True)
        params = {name: decode(value) for name, value in groups if value is not None}
        if self.given:
            named = found.groupdict().items()
            params.update({name: decode(value) for name, value in named if value is not None})
        return params

    def find(self, path: str) -> re.Match[str] | None:
        """Return the match of a raw path with its undecoded groups, or None."""
        regex = self._regex or self.regex
        return regex.search(path) if self.given else regex.fullmatch(path)

    def url(self, params: dict[str, object]) -> tuple[str, dict[str, object]]:
        """Return the path with `params` filled in, and those left over for the query (RT-12).

        Of a list the first item is filled in. Raises RouteError for a regular expression.
        """
        if self.given:
            raise RouteError(f"Can't get the url for regExp {self.source}", hint="name a path")
        left = dict(params)

        def fill(token: re.Match[str]) -> str:
            name = token["name"]
            if name is None or name not in left:
                return "" if token["times"] in ("?", "*") else token[0]
            value = left.pop(name)
            value = value[0] if isinstance(value, list | tuple) and value else value
            return (token["slash"] or "") + _quoted(value)

        return _TOKEN.sub(fill, self.path), left


def compile_regex(regex: re.Pattern[str]) -> Pattern:
    """Return the pattern of a regular expression (core:RT-7)."""
    names = tuple(str(number) for number in range(regex.groups))
    return Pattern(regex.pattern, regex.pattern, names, False, (), False, regex, given=True)


@lru_cache(4096)
def compile_path(path: str) -> Pattern:
    """Return the pattern of `path`; raise RouteError naming it where it is no valid pattern.

    The verbs of one path share its pattern.
    """
    if not path.startswith("/"):
        raise RouteError(f"route path {path!r} must begin with a slash")
    names: list[str] = []
    pieces: list[str] = []
    end = 0
    for token in _TOKEN.finditer(path):
        pieces.append(_literal(path[end : token.start()], path))
        pieces.append(_piece(token, names))
        end = token.end()
    pieces.append(_literal(path[end:].rstrip("/"), path))
    segments = path.split("/")[1:]
    prefix = _literal_prefix(segments)
    plain = all(_is_plain(segment) for segment in segments)
    source = "".join(pieces) + "/?"
    pattern = Pattern(path, source, tuple(names), not names, prefix, plain)
    if not plain:  # a rule of the user's own may be wrong; nothing else can be
        _check(pattern)
    return pattern


def below(pattern: Pattern) -> Pattern:
    """Return the pattern that matches the path of another and every path below it."""
    source = pattern.source.removesuffix("/?") + r"(?:/.*)?"
    return Pattern(pattern.path, source, pattern.names, False, pattern.prefix, False)


def moved(path: str, old: str, new: str) -> str:
    """Return a path with the prefix `new` instead of `old`."""
    return new + path.removeprefix(old) if path != "/" or not new else new


def with_query(path: str, values: dict[str, object]) -> str:
    """Return a path with values as its query, encoded; a list gives its key several times."""
    query = "&".join(
        f"{_quoted(key)}={_quoted(item)}"
        for key, value in values.items()
        for item in (value if isinstance(value, list | tuple) else (value,))
    )
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


def _quoted(value: object) -> str:
    return quote(str(value), safe="!~*'()")


def _check(pattern: Pattern) -> None:
    try:
        groups = pattern.regex.groups
    except re.error as exc:
        raise RouteError(f"route path {pattern.path!r}: {exc}") from exc
    if groups != len(pattern.names):
        raise RouteError(
            f"route path {pattern.path!r}: a rule may hold no group of its own", hint="(?:...)"
        )


def decode(value: str) -> str:
    """Return a percent-decoded value, or the raw one where it is no UTF-8 (core:RT-7)."""
    if "%" not in value:
        return value
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        return value


def _literal(text: str, path: str) -> str:
    if "(" in text or ")" in text:
        raise RouteError(f"route path {path!r}: brackets are not in pairs")
    return re.escape(text)


def _piece(token: re.Match[str], names: list[str]) -> str:
    names.append(token["name"] or str(sum(name.isdigit() for name in names)))
    rule = token["rule"] or token["group"] or r"[^/]+"
    times = token["times"] or ""
    slash = re.escape(token["slash"] or "")
    if times in ("*", "+"):
        rule = f"{rule}(?:/{rule})*"
    whole = f"{slash}({rule})"
    return f"(?:{whole})?" if times in ("?", "*") else whole


def _is_plain(segment: str) -> bool:
    return _SPECIAL.search(segment) is None or _WHOLE.fullmatch(segment) is not None


def _literal_prefix(segments: list[str]) -> tuple[str, ...]:
    prefix = []
    for segment in segments:
        if ":" in segment or "(" in segment:
            break
        prefix.append(segment)
    return tuple(prefix)
