"""The section `httpclient` of the config: limits and defaults of `ctx.curl` (core:HTTP-2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from eggd.config.measures import Bytes, Seconds
from eggd.errors import ArgumentError, ConfigError
from eggd.httpclient.headers import checked_fields
from eggd.ranges import Between

_Wait = Annotated[Seconds, Between(0, 86_400)]
PROXY_HINT = "http://HOST:PORT, https://, socks5:// or socks5h://"
_PROXY = re.compile(r"(?:https?|socks5h?)://[^/?#\s\x00-\x1f\x7f]+?(?::(\d+))?/?\Z", re.IGNORECASE)
_NO_PROXY = re.compile(r"\*|\.?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?(?::[0-9]{1,5})?")
"""An entry of `no_proxy` that libcurl compares: "*" alone, or a domain with its hosts."""
_NUMBER = re.compile(r"[0-9.]+(?::[0-9]+)?")
_LONGEST = 600.0
"""Seconds above which a time limit is probably one of Egg's milliseconds."""


def is_proxy(proxy: str) -> bool:
    """Returns whether this is the URL of a proxy, "environment", or empty for no proxy."""
    if proxy in ("", "environment"):
        return True
    match = _PROXY.match(proxy)
    return match is not None and (match[1] is None or 0 < int(match[1][-6:]) < 65536)


def check_no_proxy(entries: Iterable[str]) -> None:
    """Raises ConfigError for an entry that is neither a host nor a domain, address or network."""
    for entry in entries:
        if _NO_PROXY.fullmatch(entry) and not _NUMBER.fullmatch(entry):
            continue
        try:
            ip_network(entry, strict=False)
        except ValueError:
            name = entry.rpartition("*.")[2]
            hint = f"write {name!r}, which includes its sub-domains" if "*." in entry else ""
            raise ConfigError(
                f"httpclient.no_proxy: {entry!r} is not a host, a domain, an address or a network",
                hint=hint,
            ) from None


def check_certificates(file: str) -> None:
    """Raises ConfigError for a file without certificates in PEM format."""
    if not Path(file).is_file():
        raise ConfigError(f"httpclient.ca_file: {file} is not a file")
    import ssl  # takes 10 ms

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except (OSError, ValueError) as exc:  # SSLError is an OSError
        reason = exc.strerror if type(exc) is OSError else "it has no certificate in PEM format"
        raise ConfigError(f"httpclient.ca_file: {file} cannot be used: {reason}") from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDefaults:
    """Defaults of the options of a request; an option of a call wins."""

    timeout: _Wait | list[_Wait] = 5.0
    """Seconds until the head of the response, and without a byte of its body; a list of two has
    one for each. Egg's is in milliseconds."""
    connect_timeout: Annotated[Seconds, Between(0, 86_400)] = 5.0
    """Seconds until the connection is open: resolver, TCP and TLS; `timeout` still applies."""
    total_timeout: Annotated[Seconds, Between(0, 7 * 86_400)] = 300.0
    """Seconds of a whole request with its redirects and retries, 0: unlimited. A streamed request
    or response is unlimited unless a call sets it."""
    max_size: Annotated[Bytes, Between(1, 1 << 34)] = 16 * 1024 * 1024
    """Bytes of a response's body, decompressed. A streamed one is unlimited unless a call sets
    it."""
    follow_redirect: bool = True
    """Whether redirects are followed, with the same method (core:HTTP-4b)."""
    max_redirects: Annotated[int, Between(0, 100)] = 10
    """Redirects of one request; more are an error."""
    retry: Annotated[int, Between(0, 100)] = 0
    """Times that a request is sent again if its status is 500 or above."""
    retry_delay: Annotated[Seconds, Between(0, 3600)] = 0.0
    """Seconds before each of them."""
    socket_error_retry: Annotated[int, Between(0, 100)] = 1
    """Times that an idempotent request is sent again if its connection is lost."""
    compressed: bool = False
    """Whether compressed responses are requested."""
    headers: dict[str, str] = field(default_factory=dict)
    """Header fields of every request; those of a call win."""

    def __post_init__(self) -> None:
        """Refuses limits that would let no request through, and invalid header fields."""
        self._check_times()
        try:
            checked_fields(self.headers)
        except ArgumentError as exc:
            text = exc.message.removeprefix("curl: ")
            raise ConfigError(f"httpclient.request.{text}", hint=exc.hint) from None

    def _check_times(self) -> None:
        times = self.timeout if isinstance(self.timeout, list) else [self.timeout]
        if isinstance(self.timeout, list) and len(times) != 2:
            raise ConfigError("httpclient.request.timeout must have one or two durations")
        for key, values in (("timeout", times), ("connect_timeout", [self.connect_timeout])):
            for value in values:
                if not 0 < value <= _LONGEST:
                    raise ConfigError(
                        f"httpclient.request.{key}: {value:g} seconds are not above 0 and up to 10"
                        " minutes",
                        hint="seconds, or text such as '500ms'; Egg's are milliseconds",
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpClientConfig:
    """The `httpclient` section."""

    request: RequestDefaults = field(default_factory=RequestDefaults)
    """Defaults of the options of a request."""
    max_connections: Annotated[int, Between(1, 65_535)] = 1024
    """Connections of one client that are in use at a time; more requests wait, in their
    `timeout`."""
    max_connections_per_host: Annotated[int, Between(0, 65_535)] = 0
    """The same for each host; 0: unlimited."""
    max_idle_connections: Annotated[int, Between(0, 65_535)] = 128
    """Connections that are kept open for the next request."""
    idle_timeout: Annotated[Seconds, Between(0, 86_400)] = 60.0
    """Seconds after which an idle connection is not used again."""
    allow_h2: bool = True
    """Whether HTTP/2 is used if a server offers it in the TLS handshake."""
    proxy: str = ""
    """URL of the proxy: `http://[USER:PASSWORD@]HOST:PORT`, `https://` or `socks5h://`; empty means
    a direct connection, "environment" reads `http_proxy`, `https_proxy`, `all_proxy` and
    `no_proxy`. `safe_curl` never uses a proxy."""
    no_proxy: list[str] = field(default_factory=list)
    """Hosts and domains that are reached without the proxy; "*" is all."""
    verify: bool = True
    """Whether the certificate of a server is verified."""
    ca_file: str = ""
    """PEM file of trusted certificates; empty means those of the system."""
    user_agent: str | None = None
    """The User-Agent of every request; None: eggd and its version, "": no such field."""
    traceparent: Literal["always", "ctx", "never"] = "always"
    """The requests that get a `traceparent` field (W3C Trace Context): "ctx" are those of
    `ctx.curl`."""
    request_id: bool = True
    """Whether requests of `ctx.curl` carry `ctx.trace_id` as X-Request-Id."""

    def __post_init__(self) -> None:
        """Refuses keys without effect, and what no connection could use."""
        if not is_proxy(self.proxy):
            raise ConfigError("httpclient.proxy is not the URL of a proxy", hint=PROXY_HINT)
        try:
            checked_fields({"user-agent": self.user_agent})
        except ArgumentError:
            raise ConfigError(
                "httpclient.user_agent has a control character, or one that is not in Latin-1"
            ) from None
        if self.ca_file and self.verify:
            check_certificates(self.ca_file)
        check_no_proxy(self.no_proxy)
        if self.no_proxy and not self.proxy:
            raise ConfigError("httpclient.no_proxy has no effect without httpclient.proxy")
        if self.no_proxy and self.proxy == "environment":
            raise ConfigError(
                "httpclient.no_proxy has no effect with httpclient.proxy 'environment'",
                hint="set the variable no_proxy",
            )
        if self.ca_file and not self.verify:
            raise ConfigError("httpclient.ca_file has no effect if httpclient.verify is false")
