"""Members of `ctx.helper` that make text safe (process:HLP-1..10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import eggd
from eggd.plugins.security.helpers.escape import escape
from eggd.plugins.security.helpers.html_names import WHITE_LIST
from eggd.plugins.security.helpers.plain import is_plain
from eggd.plugins.security.helpers.shell import cli_filter, escape_shell_arg, escape_shell_cmd
from eggd.plugins.security.helpers.shtml import Cleaner
from eggd.plugins.security.helpers.sjs import sjs
from eggd.plugins.security.helpers.sjson import sjson
from eggd.plugins.security.helpers.spath import spath
from eggd.plugins.security.helpers.surl import surl
from eggd.plugins.security.origins import is_safe_domain


class Helper(eggd.Helper):
    """Functions for views and controllers; they change no argument."""

    def escape(self, value: object) -> str:
        """Returns a value as text for HTML, also within a quoted attribute (HLP-1)."""
        return escape(value)

    def surl(self, value: object) -> object:
        """Returns a URL for a quoted attribute; "" if it is neither a path nor of a safe scheme.

        Safe are http, https, file, data and `security.protocol_white_list` (HLP-2).
        """
        schemes = self.config.security.protocol_white_list
        url = surl(value, {scheme.lower() for scheme in schemes})
        if value and url == "" and self.app.env == "local":
            self.app.core_logger.warning("[security] surl: %r is not a safe URL", value)
        return url

    def sjs(self, value: object) -> str:
        """Returns a value as text for a quoted string of JavaScript (HLP-3)."""
        return sjs(value)

    def sjson(self, value: object) -> str:
        """Returns data as JSON for a script; raises EggError for what JSON cannot hold (HLP-4)."""
        return sjson(value)

    def spath(self, value: object) -> object:
        """Returns a path if it stays below a folder, else None (HLP-5)."""
        return spath(value)

    def shtml(self, value: object) -> object:
        """Returns HTML of a visitor without code, unsafe links and foreign hosts (HLP-9, HLP-10).

        None and numbers are returned unchanged; a value of another type is cleaned as its text.
        """
        return value if is_plain(value) else self._cleaner.clean(str(value))

    def cli_filter(self, value: object) -> str:
        """Returns only the ASCII letters, digits, dots, hyphens and underscores (HLP-6)."""
        return cli_filter(value)

    def escape_shell_arg(self, value: object) -> str:
        """Returns a text as one argument of a POSIX shell (HLP-7)."""
        return escape_shell_arg(value)

    def escape_shell_cmd(self, value: object) -> str:
        """Returns a text without the characters that are special to a shell (HLP-8)."""
        return escape_shell_cmd(value)

    @cached_property
    def _cleaner(self) -> Cleaner:
        security = self.config.security
        options = security.shtml
        listed = options.white_list
        domains = [*security.domain_white_list, *options.domain_white_list]
        names = WHITE_LIST if listed is None else _lower(listed)
        return Cleaner(names, lambda host: is_safe_domain(host, domains))


def _lower(listed: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {
        name.lower(): [each.lower() for each in attributes] for name, attributes in listed.items()
    }
