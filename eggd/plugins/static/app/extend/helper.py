"""`ctx.helper.asset`."""

from __future__ import annotations

import eggd
from eggd import EggError


class Helper(eggd.Helper):
    """Functions for views and controllers."""

    def asset(self, name: str) -> str:
        """Returns the URL of a file of app/public, with a hash of its content.

        "css/app.css" becomes "/public/css/app.0123456789abcdef.css". Browsers and proxies keep it
        for a year; a file with another content has another URL. Raises EggError without that file.
        """
        if self.app.assets is None:
            raise EggError(f"asset {name!r}: no folder is served", hint="create app/public")
        return self.app.assets.url(name)
