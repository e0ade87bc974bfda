"""A route's path pattern: matcher and reverse (core:RT-5..7); `path_tokens` has its grammar.

`/user/:id`, `/files/:rest*`, `/:year(\\d{4})`, `/v:major?`, `/any/*`. Case matters, a trailing
slash does not. A parameter never spans a slash unless it ends in `*` or `+` or has a rule. An
`re.Pattern` is a path, too: the request's path is searched for it, and its groups are the
parameters "0", "1" and the named ones.

Matching takes time in proportion to the path's length: a parameter ends where the text after it
begins, and a path is not tried at all beyond `Pattern.longest` bytes where several parameters could
end in many places (`/:a(.+)-:b(.+)-x`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from posixpath import normpath
from urllib.parse import quote

from eggd.app.routing.path_tokens import Parameter, Token, tokenize, work
from eggd.errors import RouteError
from eggd.wire.percent import percent_decode

_LONGEST = (None, None, 2000, 200)
"""The longest path in bytes, indexed by the exponent of `work`: a match takes at most 2 million
steps."""


@dataclass(slots=True)
class Pattern:
    """A compiled path."""

    path: str
    """The path as given, or the text of a given regular expression."""
    source: str
    """The regular expression, without the anchors that a full match has."""
    names: tuple[str, ...]
    """The names of its parameters, in order."""
    literal: bool
    """Whether it has no parameters."""
    segments: tuple[str, ...]
    """Its leading whole segments: text, or, in a `plain` path, also ":name"."""
    plain: bool
    """Whether every parameter is one whole segment without a rule (`/user/:id`)."""
    tokens: Sequence[Token] = ()
    _regex: re.Pattern[str] | None = None
    given: bool = False
    """Whether the path was given as a regular expression, which has no reverse."""
    longest: int | None = None
    """Bytes of the longest path that is matched; None: no limit."""

    @property
    def text(self) -> str:
        """The path that a literal pattern matches, without backslashes."""
        return "".join(token for token in self.tokens if isinstance(token, str))

    @property
    def regex(self) -> re.Pattern[str]:
        """The compiled `source`; compiled on first use, which a literal path never needs."""
        if self._regex is None:
            self._regex = re.compile(self.source, re.ASCII | re.DOTALL)
        return self._regex

    def match(self, path: str) -> dict[str, str] | None:
        """Returns the decoded parameters of a raw path, or None where it does not match."""
        match = self.find(path)
        if match is None:
            return None
        groups = zip(self.names, match.groups(), strict=True)
        params = {name: decode(value) for name, value in groups if value is not None}
        if self.given:
            named = match.groupdict().items()
            params.update({name: decode(value) for name, value in named if value is not None})
        return params

    def find(self, path: str) -> re.Match[str] | None:
        """Returns the match of a raw path with its undecoded groups, or None."""
        regex = self._regex or self.regex
        if self.longest is not None and too_long(self, path):
            return None
        return regex.search(path) if self.given else regex.fullmatch(path)

    def url(self, params: dict[str, object]) -> tuple[str, dict[str, object]]:
        """Returns the path with `params` filled in, and those left over for the query (RT-12).

        The path is "/" for the pattern of the root. Of a list the first item is filled in.
        Raises RouteError for a regular expression.
        """
        if self.given:
            raise RouteError(f"Can't get the url for regExp {self.source}", hint="name a path")
        left = dict(params)
        return "".join(_fill(token, left) for token in self.tokens) or "/", left


def _fill(token: Token, left: dict[str, object]) -> str:
    """Returns a token with its value, and removes the value from `left`."""
    if isinstance(token, str):
        return token
    if token.name not in left:
        return "" if token.optional else token.text
    value = left.pop(token.name)
    value = value[0] if isinstance(value, list | tuple) and value else value
    return token.prefix + _quote(value)


def compile_regex(regex: re.Pattern[str]) -> Pattern:
    """Returns the pattern of a regular expression (core:RT-7)."""
    names = tuple(str(number) for number in range(regex.groups))
    return Pattern(regex.pattern, regex.pattern, names, False, (), False, _regex=regex, given=True)


@lru_cache(4096)
def compile_path(path: str) -> Pattern:
    """Returns the pattern of `path`; raises RouteError if it is not a valid pattern.

    The verbs of one path share its pattern.
    """
    if not path.startswith(("/", "*")):
        raise RouteError(f"route path {path!r} must begin with a slash")
    tokens = tokenize(path.rstrip("/"))
    names = tuple(token.name for token in tokens if isinstance(token, Parameter))
    pattern = Pattern(path, _source(tokens), names, not names, (), _is_plain(tokens), tokens)
    pattern.segments = _segments(pattern)
    pattern.longest = None if pattern.plain else _longest(path, tokens)
    if any(isinstance(token, Parameter) and token.rule for token in tokens):
        _check(pattern)  # only a rule that the app wrote can be invalid
    return pattern


def _source(tokens: Sequence[Token]) -> str:
    pairs = zip(tokens, [*tokens[1:], "/"], strict=False)
    return "".join(_piece(token, after) for token, after in pairs) + "/?"


def _piece(token: Token, after: Token) -> str:
    if isinstance(token, str):
        return re.escape(token)
    return token.source(fills=_begins_segment(after))


def _longest(path: str, tokens: Sequence[Token]) -> int | None:
    """Returns the length of the longest path to match; raises RouteError if it is uselessly
    short."""
    exponent = work(tokens)
    if exponent >= len(_LONGEST):
        raise RouteError(
            f"route path {path!r}: too many of its parameters may end in many places",
            hint="use fewer wildcards, or rules that do not match the text between them",
        )
    return _LONGEST[exponent]


def keys(pattern: Pattern) -> list[dict[str, object]]:
    """Returns the entry of `router.json` for each parameter (core:DUMP-9)."""
    if pattern.given:
        return [{"name": int(name), "pattern": None} for name in pattern.names]
    return [
        token.key(fills=_begins_segment(after))
        for token, after in zip(pattern.tokens, [*pattern.tokens[1:], "/"], strict=False)
        if isinstance(token, Parameter)
    ]


def below(pattern: Pattern) -> Pattern:
    """Returns the pattern that matches the path of another and every path below it."""
    return replace(
        pattern,
        source=pattern.source.removesuffix("/?") + r"(?:/.*)?",
        literal=False,
        plain=False,
        _regex=None,
    )


def replace_prefix(path: str, old: str, new: str) -> str:
    """Returns a path with the prefix `new` instead of `old`."""
    return new + path.removeprefix(old) if path != "/" or not new else new


def with_query(path: str, values: dict[str, object]) -> str:
    """Returns a path with values as its query, encoded; a list gives its key several times."""
    query = "&".join(
        f"{_quote(key)}={_quote(item)}"
        for key, value in values.items()
        for item in (value if isinstance(value, list | tuple) else (value,))
    )
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


def _quote(value: object) -> str:
    return quote(str(value), safe="!~*'()")


def _check(pattern: Pattern) -> None:
    try:
        groups = pattern.regex.groups
    except re.error as exc:
        raise RouteError(f"route path {pattern.path!r}: {exc}") from exc
    if groups != len(pattern.names):
        raise RouteError(
            f"route path {pattern.path!r}: a rule may not contain a group", hint="(?:...)"
        )


def spellings(path: str) -> Sequence[str]:
    """Returns the other paths that a mounted application may read a raw path as.

    They are the decoded path, and the same with `.`, `..` and empty segments resolved. A path
    without escapes and such segments has no other spelling.
    """
    if "%" not in path and "//" not in path and "/." not in path:
        return ()
    plain = percent_decode(path)
    return (plain, "/" + normpath(plain).lstrip("/"))


def too_long(pattern: Pattern, path: str) -> bool:
    """Returns whether a path is too long to be matched; a layer of `router.use` then runs."""
    return pattern.longest is not None and len(path) > pattern.longest


def decode(value: str) -> str:
    """Returns a percent-decoded value, or the raw one if it is not UTF-8 (core:RT-7)."""
    if "%" not in value:
        return value
    try:
        return percent_decode(value, "strict")
    except UnicodeDecodeError:
        return value


def _is_plain(tokens: Sequence[Token]) -> bool:
    """Returns whether every parameter is one whole segment without a rule."""
    return all(
        isinstance(token, str) or (_is_simple(token) and _begins_segment(after))
        for token, after in zip(tokens, [*tokens[1:], "/"], strict=False)
    )


def _is_simple(token: Parameter) -> bool:
    return token.prefix == "/" and not (token.rule or token.optional or token.repeated)


def _begins_segment(token: Token) -> bool:
    return (token if isinstance(token, str) else token.prefix).startswith("/")


def _segments(pattern: Pattern) -> tuple[str, ...]:
    """Returns the leading segments that one branch of the route tree stands for."""
    text = ""
    for token in pattern.tokens:
        if isinstance(token, Parameter) and not pattern.plain:
            # A segment that continues in a parameter is not a whole segment.
            text = text if token.prefix == "/" else text.rpartition("/")[0]
            break
        text += token if isinstance(token, str) else token.text
    return tuple(text.strip("/").split("/")) if text.strip("/") else ()
