"""The errors of the HTTP client.

    HttpClientError                     any of them
      HttpClientRequestError            the connection failed or was lost
      HttpClientRequestTimeoutError     a limit of time; `phase` names what took too long
        HttpClientConnectTimeoutError   the same before the connection was open
      HttpClientUrlError                a URL or a Location that cannot be requested
      HttpClientRedirectError           more redirects than `max_redirects`
      HttpClientSizeError               a response above `max_size`
      JSONResponseFormatError           a response that is not JSON (core:HTTP-3)
      IllegalAddressError               an address that `check_address` refuses (process:SSRF-2)

A message names method, origin, phase and time, never the path, a header field or a body: they may
hold secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from eggd.errors import EggError
from eggd.httpclient.details import ResponseDetails

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class HttpClientError(EggError):
    """Base of the errors of a request (core:HTTP-5)."""

    status: int = -1
    """The status of the response, -1 without one."""
    headers: Mapping[str, str] = NO_HEADERS
    """The header fields of the response, empty without one."""
    res: ResponseDetails | None = None
    """Times and URLs of the request so far."""


class HttpClientRequestError(HttpClientError):
    """Raised when a connection cannot be opened, is lost, or the response is not HTTP."""

    code: int = 0
    """The number of libcurl's error."""


class HttpClientRequestTimeoutError(HttpClientError):
    """Raised when a request exceeds a limit of time."""

    def __init__(self, subject: str, limit: float, phase: str, *, hint: str = "") -> None:
        super().__init__(
            f"Request timeout for {limit * 1000:.0f} ms: {subject}, {phase}", hint=hint
        )
        self.phase = phase
        """The phase that took too long, such as "connecting"."""


class HttpClientConnectTimeoutError(HttpClientRequestTimeoutError):
    """Raised when a connection is not open in time; `phase` tells how far it was."""


class HttpClientUrlError(HttpClientError):
    """Raised when a URL, or the Location of a redirect, cannot be requested."""


class HttpClientRedirectError(HttpClientError):
    """Raised when a request is redirected more often than `max_redirects`."""


class HttpClientSizeError(HttpClientError):
    """Raised when a response is larger than `max_size`, or its head than 64 KiB."""


class JSONResponseFormatError(HttpClientError):
    """Raised when a response is not JSON and `data_type` is "json"."""


class IllegalAddressError(HttpClientError):
    """Raised when `check_address` refuses an address; no connection was made to it."""

    def __init__(self, subject: str, host: str, address: str) -> None:
        resolved = "" if host == address else f" of {host}"
        super().__init__(f"illegal address: {subject}: {address}{resolved} is not allowed")
        self.host = host
        self.address = address
