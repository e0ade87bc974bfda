"""URLs of requests: parsed once, strictly, and passed on in canonical form.

libcurl receives the text that `Url` builds of its parts, so that it cannot read another host in it
than the check did. Numeric hosts become the IPv4 address that they mean, as in the URL standard:
`2130706433`, `0x7f.1` and `0177.0.0.1` are all 127.0.0.1.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes, urljoin

from eggd.httpclient.errors import HttpClientUrlError

PORTS = {"http": 80, "https": 443}
LONGEST = 64 * 1024
"""Characters of a URL."""
_QUOTED = 80
"""Characters of a wrong host that an error quotes."""

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PARTS = re.compile(
    r"(?:(?P<user>[^/?#@]*)@)?(?P<host>\[[^\]/?#@]*\]|[^/?#@:\[\]]*)(?::(?P<port>[0-9]{0,5}))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#.*)?",
    re.DOTALL,
)
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_DEVIATIONS = frozenset("ßς\u200c\u200d")
"""Characters that IDNA 2003 and 2008 encode differently."""
_SAFE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Url:
    """A URL in parts; equal origins have equal `origin`."""

    scheme: str
    """`http` or `https`."""
    host: str
    """A name in lower case and ASCII, or an address; IPv6 without brackets."""
    port: int
    """The port to connect to."""
    target: str
    """Path and query; begins with "/"."""
    user: str = ""
    """`USER:PASSWORD` of the URL, decoded; not a part of `text`."""

    @property
    def netloc(self) -> str:
        """The host, and the port if it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what errors and credentials depend on."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def text(self) -> str:
        """The URL without user and fragment."""
        return self.origin + self.target

    def with_query(self, query: str) -> Url:
        """Returns the URL with `query` behind its own."""
        if not query:
            return self
        separator = "&" if "?" in self.target else "?"
        return Url(self.scheme, self.host, self.port, self.target + separator + query, self.user)


def parse(text: str) -> Url:
    """Returns the parts of a URL; one without a scheme is http (core:HTTP-4).

    Raises HttpClientUrlError.
    """
    if not isinstance(text, str):
        raise HttpClientUrlError(f"a URL must be text, not {type(text).__name__}")
    if len(text) > LONGEST:
        raise HttpClientUrlError(f"a URL of {len(text)} characters is too long")
    if match := _FORBIDDEN.search(text):
        raise HttpClientUrlError(
            f"a URL with the character {match[0]!r} at {match.start()} cannot be requested",
            hint="percent-encode it",
        )
    scheme = _SCHEME.match(text)
    name = scheme[1].lower() if scheme else "http"
    if name not in PORTS:
        raise HttpClientUrlError(f"the scheme {name!r} of a URL is not http or https")
    parts = _PARTS.fullmatch(text, scheme.end() if scheme else 0)
    if parts is None:
        raise HttpClientUrlError("a URL has a host that cannot be read", hint="check '@' and ':'")
    if not parts["host"]:
        raise HttpClientUrlError("a URL needs a host", hint="such as http://shop.example/")
    port = int(parts["port"] or PORTS[name])
    if not 0 < port < 65536:
        raise HttpClientUrlError(f"the port {port} of a URL is not 1 to 65535")
    target = quote((parts["path"] or "/") + (parts["query"] or ""), safe=_SAFE)
    user = unquote_to_bytes(parts["user"] or "").decode("utf-8", "surrogateescape")
    return Url(name, canonical_host(parts["host"]), port, target, user)


def join(base: Url, location: str) -> Url:
    """Returns the URL of a redirect's Location, relative to the URL that it answers."""
    if _FORBIDDEN.search(location):
        raise HttpClientUrlError("a Location with blanks, controls or backslashes is not followed")
    try:
        joined = urljoin(base.text, location)
    except ValueError as exc:
        raise HttpClientUrlError(f"a Location that cannot be read is not followed: {exc}") from exc
    if not joined.startswith(("http://", "https://")):
        scheme = joined.partition(":")[0][:_QUOTED]
        raise HttpClientUrlError(f"a Location with the scheme {scheme!r} is not followed")
    return parse(joined)


def canonical_host(host: str) -> str:
    """Returns a host in lower case and ASCII, an IPv4 address in dotted form.

    Raises HttpClientUrlError for a name that the DNS cannot have.
    """
    if host.startswith("["):
        return _ipv6(host[1:-1])
    name = _ascii(host)
    bare = name.removesuffix(".")
    if _NUMERIC.fullmatch(bare):
        return _ipv4(bare)
    if not _NAME.fullmatch(bare):
        raise HttpClientUrlError(f"{host[:_QUOTED]!r} is not a valid host")
    return name


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    if _DEVIATIONS & set(host):
        raise HttpClientUrlError(
            f"the host {host[:_QUOTED]!r} is ambiguous", hint="write its form that begins with xn--"
        )
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError as exc:
        raise HttpClientUrlError(f"{host[:_QUOTED]!r} is not a valid host") from exc


def _ipv4(host: str) -> str:
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, ValueError) as exc:
        raise HttpClientUrlError(f"{host[:_QUOTED]!r} is not a valid IPv4 address") from exc


def _ipv6(host: str) -> str:
    try:
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, host))
    except (OSError, ValueError) as exc:
        raise HttpClientUrlError(
            f"[{host[:_QUOTED]}] is not a valid IPv6 address", hint="zones are not supported"
        ) from exc
