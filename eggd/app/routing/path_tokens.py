r"""The pieces of a route's path: text and parameters (path-to-regexp 1.x's grammar, core:RT-6).

`:name`, `:name(rule)`, an unnamed `(rule)`, each with `?`, `*` or `+` after it; a lone `*`, which
matches everything; `\` before a literal character. A `/` or `.` before a parameter belongs to
it: it is omitted together with an optional parameter, and separates the items of a repeated one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eggd.errors import RouteError

_TOKEN = re.compile(
    r"\\(?P<escaped>.)"
    r"|(?P<prefix>[/.])?(?:"
    r"(?::(?P<name>\w+)(?:\((?P<rule>(?:\\.|[^()\\])+)\))?|\((?P<group>(?:\\.|[^()\\])+)\))"
    r"(?P<times>[?*+])?"
    r"|(?P<star>\*))",
    re.ASCII | re.DOTALL,
)
_SPECIAL = re.compile(r"[\\:()*]")
_RULE_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)

ANYTHING = ".*"
"""The rule of a lone `*`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a path."""

    name: str
    """Its name; "0", "1" ... for unnamed parameters."""
    text: str
    """The text of the parameter in the path, with its prefix."""
    prefix: str
    """The delimiter before it: "/", "." or ""."""
    rule: str
    """The regular expression of one item, "" for the default: no delimiter in it."""
    optional: bool
    repeated: bool
    """Whether several items may follow each other, with the prefix between them."""
    before: str = ""
    """The text between the parameter before it in the same segment and this one."""

    def source(self, *, fills: bool) -> str:
        """Returns its regular expression, with one group.

        `fills`: it ends where its segment ends, so the first try takes all of it.
        """
        prefix, item = re.escape(self.prefix), self._item("" if fills else "?")
        if self.repeated and self.prefix:
            item = f"{item}(?:{prefix}{item})*"
        elif self.repeated and self.rule:
            # Atomic: adjacent items without a separator can be split in exponentially many ways.
            item = f"(?>{item}{item}*)"
        whole = f"{prefix}({item})"
        return f"(?:{whole})?" if self.optional else whole

    def key(self, *, fills: bool) -> dict[str, object]:
        """Returns the parameter as an object of path-to-regexp 1.x (core:DUMP-9)."""
        return {
            "name": int(self.name) if self.name.isdigit() else self.name,
            "prefix": self.prefix,
            "delimiter": self.prefix or "/",
            "optional": self.optional,
            "repeat": self.repeated,
            "partial": bool(self.prefix) and not fills,
            "asterisk": self.text == f"{self.prefix}*",
            "pattern": self.rule or self._item("?"),
        }

    def can_match(self, character: str) -> bool:
        """Returns whether its value may contain a character; True if uncertain."""
        if self.repeated and character == self.prefix:
            return True
        return _can_match(self.rule, character) if self.rule else character not in self._stops()

    def _item(self, lazy: str) -> str:
        if self.rule:
            return f"(?:{self.rule})" if "|" in self.rule or self.repeated else self.rule
        one = f"[^{re.escape(self._stops())}]"
        # The restriction of path-to-regexp 1.9, which makes the parameter's start unambiguous.
        ahead = f"(?:(?!{re.escape(self.before)}){one})" if self.before else one
        return f"{ahead}+{lazy}"

    def _stops(self) -> str:
        return "/." if self.prefix == "." else "/"


Token = str | Parameter


def tokenize(path: str) -> list[Token]:
    """Returns the pieces of a path; raises RouteError for unbalanced brackets."""
    if _SPECIAL.search(path) is None:
        return [path] if path else []
    tokens: list[Token] = []
    text, end, unnamed = "", 0, 0
    for match in _TOKEN.finditer(path):
        text += _check(path[end : match.start()], path)
        end = match.end()
        if match["escaped"] is not None:
            text += match["escaped"]
            continue
        tokens += [text] if text else []
        tokens.append(_parameter(match, unnamed, _before(tokens)))
        unnamed += match["name"] is None
        text = ""
    text += _check(path[end:], path)
    return [*tokens, text] if text else tokens


def work(tokens: Sequence[Token]) -> int:
    """Returns the exponent of the worst time of a match, in the path's length; 1 is linear.

    0 if no parameter may end in several places. A default parameter after text does not count: it
    cannot contain that text, so each place is tried for one such parameter only.
    """
    return sum(_work(place, tokens) for place in range(len(tokens)))


def _work(place: int, tokens: Sequence[Token]) -> int:
    token = tokens[place]
    if isinstance(token, str) or (token.rule == ANYTHING and place == len(tokens) - 1):
        return 0
    ends = 1 if _has_many_ends(token, _followers(tokens[place + 1 :])) else 0
    if token.rule and (text := token.before or token.prefix.strip("/")):
        if token.can_match(text[0]):  # where it begins is open, so it is tried from many places
            return max(ends, 1) + _follows_default(tokens[:place])
    touches = place > 0 and isinstance(tokens[place - 1], Parameter) and not token.prefix
    return max(ends, 1) if touches else ends


def _follows_default(before: Sequence[Token]) -> bool:
    """Returns whether the parameter before has no rule; its many ends are not counted otherwise."""
    earlier = [each for each in before if isinstance(each, Parameter)]
    return bool(earlier) and not earlier[-1].rule


def _has_many_ends(token: Parameter, followers: str | None) -> bool:
    if followers is None:
        return True
    if not token.rule and not token.repeated:
        return False
    return any(token.can_match(each) for each in followers)


def _followers(tokens: Sequence[Token]) -> str | None:
    """Returns the characters that may come next, "/" for the end; None for any character."""
    characters = ""
    for token in tokens:
        if isinstance(token, str):
            return characters + token[0]
        if not token.prefix:
            return None
        characters += token.prefix
        if not token.optional:
            return characters
    return characters + "/"


def _before(tokens: Sequence[Token]) -> str:
    """Returns the text since the previous parameter, "" if it contains a slash."""
    if len(tokens) < 2 or not isinstance(tokens[-1], str) or "/" in tokens[-1]:
        return ""
    return tokens[-1]


def _parameter(match: re.Match[str], unnamed: int, before: str) -> Parameter:
    times, prefix = match["times"], match["prefix"] or ""
    rule = ANYTHING if match["star"] else match["rule"] or match["group"] or ""
    return Parameter(
        name=match["name"] or str(unnamed),
        text=match[0],
        prefix=prefix,
        rule=rule,
        optional=times in ("?", "*"),
        repeated=times in ("*", "+") and not _is_all(match[0], rule, prefix),
        before="" if match["prefix"] else before,
    )


def _is_all(text: str, rule: str, prefix: str) -> bool:
    """Returns whether one item of a repeated parameter can match as much as several.

    Raises RouteError if a value can be split into items in more than one way.
    """
    if rule in (ANYTHING, ".+"):
        return True
    if rule and prefix and _can_match(rule, prefix):
        raise RouteError(
            f"route path: {text!r} repeats a rule that matches {prefix!r}, too",
            hint=f"exclude it: [^{prefix}]",
        )
    return False


def _check(text: str, path: str) -> str:
    if "(" in text or ")" in text:
        raise RouteError(f"route path {path!r}: brackets are not in pairs", hint=r"write \( for (")
    return text


def _can_match(rule: str, character: str) -> bool:
    return any(_piece_can_match(piece, character) for piece in _pieces(rule))


def _pieces(rule: str) -> Iterator[str]:
    return (match[0] for match in _RULE_PIECE.finditer(rule))


def _piece_can_match(piece: str, character: str) -> bool:
    if len(piece) == 1:
        return piece in (".", character)
    try:
        return re.fullmatch(piece, character, re.ASCII) is not None
    except re.error:  # part of a longer escape: \x2f, or a reference to a group
        return True
