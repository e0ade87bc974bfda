"""Facts of a request that are not a part of its response: times, URLs, the connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from eggd.httpclient.headers import ResponseHeaders


@dataclass(slots=True, kw_only=True)
class Timing:
    """Seconds since the start of the last attempt; 0 for a step that did not happen."""

    dns_lookup: float = 0.0
    """The name is resolved."""
    connected: float = 0.0
    """The TCP connection is open; the same as `dns_lookup` if one was kept alive."""
    tls: float = 0.0
    """The TLS handshake is done."""
    request_sent: float = 0.0
    """The request is about to be sent."""
    waiting: float = 0.0
    """The first byte of the response has arrived."""
    content_download: float = 0.0
    """The response is complete."""


@dataclass(slots=True, kw_only=True)
class ResponseDetails:
    """`response.res`: facts of a request that are not a part of its response."""

    status: int = -1
    """The status, -1 without a response."""
    headers: ResponseHeaders = field(default_factory=ResponseHeaders)
    """The header fields, empty without a response."""
    timing: Timing = field(default_factory=Timing)
    """The times of the last attempt; for a stream those until its head."""
    request_urls: list[str] = field(default_factory=list)
    """The URLs that were requested, without user and fragment: one more for each redirect."""
    rt: float = 0.0
    """Seconds of the whole request, with redirects and retries."""
    size: int = 0
    """Bytes of the body, decompressed; of a stream, those so far."""
    retries: int = 0
    """Times that the request was sent again for its status."""
    socket_error_retries: int = 0
    """Times that it was sent again for a lost connection."""
    remote_address: str = ""
    """The address of the server, or of the proxy."""
    keep_alive_socket: bool = False
    """Whether the connection was already open."""
    http_version: str = ""
    """`1.0`, `1.1` or `2`."""
