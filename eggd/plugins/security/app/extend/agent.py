"""`safe_curl` of the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Unpack

import eggd
from eggd.plugins.security.ssrf import safe_client

if TYPE_CHECKING:
    from eggd import CurlOptions, HttpClient, HttpClientResponse


class Agent(eggd.Agent):
    """An agent that can request URLs of visitors."""

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
