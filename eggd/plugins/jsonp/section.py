"""The section `jsonp` of the config, and the options of `app.jsonp`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypedDict

from eggd import Between, ConfigError
from eggd.plugins.jsonp.referers import Pages, allowed_pages

_LONGEST = 1000


class JsonpOptions(TypedDict, total=False):
    """The options of one `app.jsonp(...)`, over those of the config."""

    callback: str | Sequence[str]
    limit: int
    csrf: bool
    white_list: Pages
    members: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonpConfig:
    """The requests that get a script, and the pages that may send them (core:JP-1)."""

    callback: str | Sequence[str] = ("_callback", "callback")
    """Names of the query parameter with the function; the first that is not empty counts."""
    limit: Annotated[int, Between(1, _LONGEST)] = 50
    """Characters of the function's name that are used, from 1 to 1000."""
    csrf: bool = False
    """Whether a CSRF token of the plugin security allows a request."""
    white_list: Pages = None
    """The pages that may load the data, by their Referer: "shop.example" is that host,
    ".shop.example" also its sub-domains; a compiled regular expression of the URL from its
    beginning; or a list of these."""
    members: bool = True
    """Whether the function may be a member, `app.loaded`; if not, only a plain name is allowed, so
    that a script of this site cannot be made to call methods of a page (known:KW-76)."""

    def __post_init__(self) -> None:
        """Refuses a limit, a name of a parameter, or a page that no request can have."""
        for key in ("csrf", "members"):
            if not isinstance(value := getattr(self, key), bool):
                raise ConfigError(f"jsonp.{key} must be True or False, not {value!r}")
        if type(self.limit) is not int or not 1 <= self.limit <= _LONGEST:
            raise ConfigError(f"jsonp.limit must be from 1 to {_LONGEST}, not {self.limit!r}")
        if not self.names or not all(isinstance(name, str) and name for name in self.names):
            raise ConfigError(f"jsonp.callback: {self.callback!r} must be one name or several")
        allowed_pages(self.white_list)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the query parameter."""
        return (self.callback,) if isinstance(self.callback, str) else tuple(self.callback)


PLAIN = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
"""A name that is not a member."""
