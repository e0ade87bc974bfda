"""`app.security` and `app.safe_curl`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd
from eggd import EggError
from eggd.plugins.security.ssrf import SafeCurl

if TYPE_CHECKING:
    from eggd.plugins.security.security import Security


class Application(SafeCurl, eggd.Application):
    """An application whose requests are guarded."""

    _security: Security | None = None

    @property
    def security(self) -> Security:
        """The protections; raises EggError before the boot hook of the plugin has made them."""
        if self._security is None:
            raise EggError("app.security is used before config_did_load of the plugin security")
        return self._security

    @security.setter
    def security(self, security: Security) -> None:
        self._security = security
