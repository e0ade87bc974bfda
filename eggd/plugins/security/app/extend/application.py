"""`app.security` and `app.safe_curl`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd
from eggd import EggError
from eggd.plugins.security import injection
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

    def inject_csrf(self, template: str, value: str = "{{ctx.csrf}}") -> str:
        """Returns the text of a template whose forms have a hidden field with the token (HLP-11).

        `value` is the expression of the engine. A form that has the field, that is sent by GET, or
        to a URL of another site is not changed.
        """
        return injection.inject_csrf(template, self.security.csrf.field_name, value)

    def inject_nonce(self, template: str, value: str = "{{ctx.nonce}}") -> str:
        """Returns the text of a template whose `<script>` elements have a nonce (HLP-11).

        Never for a page: a script that a visitor has put in would get it, too.
        """
        return injection.inject_nonce(template, value)

    def inject_hijacking_defense(self, template: str) -> str:
        """Returns the text of a template between comments that hide what is inserted (HLP-11)."""
        return injection.inject_hijacking_defense(template)
