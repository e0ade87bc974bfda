"""`app.jsonp`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Unpack

import eggd
from eggd import Middleware

if TYPE_CHECKING:
    from eggd.plugins.jsonp.section import JsonpOptions


class Application(eggd.Application):
    """An application with routes that pages of other sites load as scripts."""

    def jsonp(self, **options: Unpack[JsonpOptions]) -> Middleware:
        """Returns a middleware for routes; the options are those of `config.jsonp` (core:JP-1).

        Raises ConfigError for an unknown or wrong option.
        """
        from eggd.plugins.jsonp.middleware import jsonp_middleware

        caller = sys._getframe(1)
        path = caller.f_code.co_filename.removeprefix(f"{self.base_dir}/")
        return jsonp_middleware(self, options, f"{path}:{caller.f_lineno}: ")
