"""HTML that a visitor wrote, without code (process:HLP-9, HLP-10).

The input is read tag by tag, as js-xss does, and each tag that is kept is written anew: the output
has no markup but that. A parser that builds a tree takes quadratic time for unclosed elements
(python3-bleach: 0.2 s for 10 kB of `<b><p>`), which a visitor must not be able to ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from urllib.parse import urlsplit

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9\-]*)([^<>]*)>")
_ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]*)))?""",
)
_URLS = frozenset(("href", "src", "poster", "cite", "background", "action", "longdesc", "data"))
_SAFE_URL = re.compile(
    r"(?:https?://|ftp://|mailto:|tel:|\.{1,2}/|[#/])|data:image/(?:png|gif|jpeg|webp|avif)[;,]",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_SLASHES = re.compile(r"((?:https?|ftp):)?[/\\]{2,}", re.IGNORECASE)
_OUTER_BLANKS = " \xa0"
_TABLE = str.maketrans({"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;"})
_TEXT = str.maketrans({"<": "&lt;", ">": "&gt;"})

IsSafe = Callable[[str], bool]
"""Returns whether links and images may lead to a host."""


class Cleaner:
    """Keeps some elements and attributes of HTML."""

    def __init__(self, white_list: Mapping[str, Collection[str]], is_safe: IsSafe) -> None:
        """Keeps the elements of `white_list`, each with its attributes; names in lower case."""
        self._white_list = white_list
        self._is_safe = is_safe

    def clean(self, text: str) -> str:
        """Returns HTML for the text of a page; elements that are not kept are shown as text."""
        return "".join(map(self._cleaned, _without_comments(text)))

    def _cleaned(self, text: str) -> str:
        pieces: list[str] = []
        at = 0
        for match in _TAG.finditer(text):
            pieces.append(text[at : match.start()].translate(_TEXT))
            pieces.append(self._tag(match))
            at = match.end()
        pieces.append(text[at:].translate(_TEXT))
        return "".join(pieces)

    def _tag(self, match: re.Match[str]) -> str:
        slash, name, rest = match.groups()
        allowed = self._white_list.get(name.lower())
        if allowed is None:
            return match[0].translate(_TEXT)
        if slash:
            return f"</{name.lower()}>"
        attributes = list(self._attributes(allowed, rest))
        end = " />" if rest.rstrip().endswith("/") else ">"
        return " ".join((f"<{name.lower()}", *attributes)) + end

    def _attributes(self, allowed: Collection[str], text: str) -> Iterator[str]:
        for match in _ATTRIBUTE.finditer(text):
            name = match[1].lower()
            if name not in allowed:
                continue
            value = next((each for each in match.groups()[1:] if each is not None), "")
            value = self._value(name, value) if value else ""
            if value is not None:
                yield f'{name}="{value.translate(_TABLE)}"' if value else name

    def _value(self, name: str, value: str) -> str | None:
        """Returns a value, decoded; "" for an unsafe URL, None for one of another host."""
        try:
            value = _CONTROL.sub("", _decoded(value)).strip(_OUTER_BLANKS)
        except ValueError:  # a number of more than 4300 digits
            return ""
        if name not in _URLS:
            return value
        if not _SAFE_URL.match(value) or (name == "href" and value[:5].lower() == "data:"):
            return ""
        host = _host(value)
        return value if host == "" or (host is not None and self._is_safe(host)) else None


def _decoded(text: str) -> str:
    """Returns a text without character references; raises ValueError for a number too long."""
    if "&" not in text:
        return text
    from html import unescape  # its table takes 320 KiB

    return unescape(text)


def _host(url: str) -> str | None:
    """Returns the host that a URL leads to, "" if it is a path; None if it cannot be read.

    Browsers read `///host`, `/\\host` and `http:///host` as `//host`.
    """
    try:
        return (urlsplit(_SLASHES.sub(r"\1//", url, count=1)).hostname or "").lower()
    except ValueError:
        return None


def _without_comments(text: str) -> Iterator[str]:
    """Yields the text around comments; an unclosed one is text."""
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        yield text[at:start]
        at = end + 3
    yield text[at:]
