"""Cookies on the wire: the Cookie field of a request, the Set-Cookie line of a response.

The form of a line is Egg's (core:CK-2); the rules about its parts are those of RFC 6265bis. The
standard library's `http.cookies` unescapes values, drops cookies that it dislikes and takes
quadratic time.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from eggd.errors import ArgumentError
from eggd.wire.conditional import http_date

SameSite = Literal["", "strict", "lax", "none"]
"""To which requests of other sites a browser attaches a cookie; "" leaves it to the browser."""

Priority = Literal["", "low", "medium", "high"]
"""Which cookies Chromium drops first if a site has too many; "" leaves it to the browser."""

LATEST = 253_402_300_799.0
"""The last second of the year 9999: a date of HTTP has four digits for its year."""

_PAIR = re.compile(r"(?:^|;)[ \t]*+([^;=]++)=([^;]*+)")
_NOT_IN_NAME = re.compile(r"[^!-~]|[=;,\"]")
_NOT_IN_VALUE = re.compile(r"[^ -~]|;|^ | $")
_NOT_IN_PATH = re.compile(r"[^ -~]|;|^(?!/)")
_NOT_IN_DOMAIN = re.compile(r"[^A-Za-z0-9._-]")


def parse_cookies(field: str) -> dict[str, str]:
    """Returns the value of each cookie of a Cookie field; the first of a name wins (core:CK-7).

    A value is verbatim up to the next semicolon: quotes and percent signs are part of it. Blanks
    (SP and TAB alone) before a name are dropped. A pair without a name or without `=` is ignored.
    """
    return dict(reversed(_PAIR.findall(field)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCookie:
    """One Set-Cookie line. Raises ArgumentError for text that would change its meaning."""

    name: str
    """The name: visible ASCII without `=`, `;`, `,` and quotes."""
    value: str = ""
    """The value: visible ASCII and inner blanks, without `;`. An empty one deletes the cookie."""
    path: str | None = "/"
    """The path that a request must start with; None leaves it to the browser."""
    max_age: float | None = None
    """Seconds that the browser keeps it; it wins over `expires`."""
    expires: float | None = None
    """Seconds since the epoch at which the browser drops it; None with no `max_age`: when the
    browser's session ends."""
    domain: str = ""
    """The domain whose hosts all receive it; "" is the host of the request alone."""
    priority: Priority = ""
    same_site: SameSite = ""
    secure: bool = False
    """Whether it is sent over HTTPS only."""
    http_only: bool = True
    """Whether scripts of a page cannot read it."""
    partitioned: bool = False
    """Whether the browser keeps one for each site that embeds this one (CHIPS)."""

    def __post_init__(self) -> None:
        """Checks each part; the value is not quoted in an error, as it may be secret."""
        if not self.name:
            raise ArgumentError("cookie '' cannot be set: empty text is not allowed in its name")
        _refuse(self.name, "name", self.name, _NOT_IN_NAME)
        self._check_value()
        _refuse(self.name, "path", "/" if self.path is None else self.path, _NOT_IN_PATH)
        _refuse(self.name, "domain", self.domain, _NOT_IN_DOMAIN)
        self._check_prefix()

    def line(self, now: float) -> str:
        """Returns the value of the field; `now` is in seconds since the epoch."""
        max_age, expires = self._lifetime(now)
        parts = (
            f"{self.name}={self.value}",
            self.path and f"path={self.path}",
            max_age is not None and f"max-age={max_age}",
            expires is not None and f"expires={http_date(min(max(expires, 0.0), LATEST))}",
            self.domain and f"domain={self.domain}",
            self.priority and f"priority={self.priority}",
            self.same_site and f"samesite={self.same_site}",
            self.secure and "secure",
            self.http_only and "httponly",
            self.partitioned and "partitioned",
        )
        return "; ".join(part for part in parts if part)

    def _lifetime(self, now: float) -> tuple[int | None, float | None]:
        """Returns Max-Age, at least 1, and Expires; a deletion has no Max-Age (core:CK-10)."""
        if not self.value:
            return None, 0.0
        if self.max_age is None:
            return None, self.expires
        age = min(self.max_age, LATEST - now)
        return max(1, math.floor(age + 0.5)), now + age

    def _check_value(self) -> None:
        """Raises ArgumentError for a value that a cookie cannot hold, without a part of it."""
        if match := _NOT_IN_VALUE.search(self.value):
            raise ArgumentError(
                f"cookie {self.name!r} cannot be set: {_kind(match[0])} is not allowed in its"
                " value",
                hint="percent-encode it: urllib.parse.quote(value)",
            )

    def _check_prefix(self) -> None:
        """Raises ArgumentError for a name that browsers accept only with certain attributes."""
        name = self.name.lower()
        is_host = name.startswith("__host-")
        if not (is_host or name.startswith("__secure-")):
            return
        needs = [
            *(["secure"] if not self.secure else []),
            *(["path '/'"] if is_host and self.path != "/" else []),
            *(["no domain"] if is_host and self.domain else []),
        ]
        if needs:
            raise ArgumentError(
                f"cookie {self.name!r} cannot be set: a browser drops it, as its prefix needs"
                f" {' and '.join(needs)}",
                hint="change the options, or rename the cookie",
            )


def finite_age(max_age: float | None) -> float | None:
    """Returns the seconds of a `max_age`, None for NaN and infinity, LATEST at most."""
    if max_age is None or (isinstance(max_age, float) and not math.isfinite(max_age)):
        return None
    return min(max_age, LATEST)


def _kind(character: str) -> str:
    """Returns what a character of a value is, without showing it."""
    if character == ";":
        return "a semicolon"
    if character == " ":
        return "a blank at its start or end"
    return "a control character" if character.isascii() else "a character outside ASCII"


def _refuse(name: str, part: str, text: str, pattern: re.Pattern[str]) -> None:
    """Raises ArgumentError if a part of a cookie has a character that the pattern finds."""
    match = pattern.search(text)
    if match is None:
        return
    what = repr(match[0]) if match[0] else "a first character other than '/'"
    raise ArgumentError(
        f"cookie {name[:100]!r} cannot be set: {what} is not allowed in its {part}, at"
        f" {match.start()}",
        hint=f"remove {what}" if match[0] else "start the path with '/'",
    )
