"""`app.security` and `app.safe_curl`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Unpack

import eggd
from eggd import EggError
from eggd.plugins.security.ssrf import safe_client

if TYPE_CHECKING:
    from eggd import CurlOptions, HttpClient, HttpClientResponse
    from eggd.plugins.security.security import Security


class Application(eggd.Application):
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

    _safe_client: HttpClient | None = None

    async def safe_curl(
        self,
        url: str,
        *,
        data_type: Literal["", "text", "json", "stream"] = "",
        **options: Unpack[CurlOptions],
    ) -> HttpClientResponse[object]:
        """Returns the response to a request that reaches public addresses only (process:SSRF-1).

        Raises IllegalAddressError before a connection to another one, at every redirect.
        """
        if self._safe_client is None:
            self._safe_client = safe_client(self, self.config.security.ssrf)
        return await self._safe_client.request(url, data_type=data_type, **options)
