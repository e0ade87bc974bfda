"""The part `shtml` of the section `security`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eggd import ConfigError
from eggd.plugins.security.helpers.html_names import NEVER
from eggd.plugins.security.lists import check_names


@dataclass(frozen=True, slots=True, kw_only=True)
class ShtmlOptions:
    """The elements and links that `ctx.helper.shtml` keeps (process:HLP-9, HLP-10)."""

    white_list: Mapping[str, Sequence[str]] | None = None
    """The elements that are kept, each with its attributes; None: those of js-xss. Event handlers,
    `style` and elements that run code are errors."""
    domain_white_list: Sequence[str] = ()
    """The hosts that links and images may lead to, beside those of `security.domain_white_list`."""

    def __post_init__(self) -> None:
        """Refuses elements and attributes that run code, and names that no tag has."""
        check_names("shtml.domain_white_list", self.domain_white_list)
        for name, attributes in (self.white_list or {}).items():
            for each in (name, *attributes):
                if not _NAME.fullmatch(each):
                    raise ConfigError(f"security.shtml.white_list: {each!r} is not a name in HTML")
            if name.lower() in NEVER:
                raise ConfigError(f"security.shtml.white_list: {name!r} is never safe")
            for attribute in attributes:
                if attribute.lower().startswith("on") or attribute.lower() in _UNSAFE:
                    raise ConfigError(
                        f"security.shtml.white_list: the attribute {attribute!r} is never safe",
                        hint="style the page by classes",
                    )


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:_.\-]*")
_UNSAFE = ("style", "srcdoc", "srcset", "formaction", "xlink:href", "ping")
