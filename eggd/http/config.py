"""The limits and times of the HTTP server, which an operator may set.

The server gets one `HttpConfig`; it reads neither files nor the environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from eggd.config.measures import Bytes, Seconds
from eggd.ranges import Between


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """Limits and times of the HTTP server; above a limit a request gets a 4xx and a close."""

    head_limit: Annotated[Bytes, Between(256, 16 << 20)] = 16 * 1024
    """Bytes of request line and headers together; more is 414 (no line end yet) or 431."""

    body_limit: Annotated[Bytes, Between(0, 1 << 40)] = 100 * 1024 * 1024
    """Bytes of one request body, whatever reads it; more is 413. An app's parsers set their own."""

    header_timeout: Annotated[Seconds, Between(0, 86_400)] = 15.0
    """Seconds from a request's first byte to the end of its headers; later is 408."""

    handshake_timeout: Annotated[Seconds, Between(0, 86_400)] = 10.0
    """Seconds a client may take to agree on TLS, or a proxy to send its PROXY header; then the
    connection is dropped."""

    proxy_protocol: bool = False
    """Whether every connection begins with a PROXY header, version 1 or 2, of one of the root key
    `trusted_proxies`; any other connection is closed."""

    keep_alive_timeout: Annotated[Seconds, Between(0, 86_400)] = 5.0
    """Seconds an idle connection is kept, sent as `Keep-Alive: timeout=`; in fact 1 to 2 more."""

    body_timeout: Annotated[Seconds, Between(0, 86_400)] = 60.0
    """Seconds without a byte of an incomplete body; then its reader gets 408."""

    write_timeout: Annotated[Seconds, Between(0, 86_400)] = 60.0
    """Seconds in which a client takes no byte of a waiting answer; then it is disconnected."""

    server_timeout: Annotated[Seconds, Between(0, 86_400)] = 0.0
    """Seconds a handler may take until its answer begins; then the connection is dropped and the
    request named in the log. 0 disables it. The handler itself is not ended (core:APP-10)."""

    half_close_timeout: Annotated[Seconds, Between(0, 86_400)] = 30.0
    """Seconds that a handler may take to answer after the client closed its sending side (FIN): a
    client that half-closes still reads, but one that disconnected holds a descriptor. Each write
    restarts the time."""

    linger_timeout: Annotated[Seconds, Between(0, 3600)] = 2.0
    """Seconds of silence after the last answer until the connection is closed. Bytes that the
    client still sends are discarded for up to 30 s and 256 MiB, so that a TCP reset does not
    destroy the answer (RFC 9112 section 9.6)."""

    websocket_ping_interval: Annotated[Seconds, Between(0, 86_400)] = 30.0
    """Seconds between pings to a WebSocket's client; 0 disables them."""

    websocket_ping_timeout: Annotated[Seconds, Between(0, 86_400)] = 20.0
    """Seconds in which the client must answer a ping or send anything; then the WebSocket is closed
    with code 1006."""

    read_buffer: Annotated[Bytes, Between(0, 1 << 30)] = 64 * 1024
    """Bytes held per connection for a busy handler (body or next requests) before reading stops."""
