"""One request to one URL, ready to be sent: what a redirect or a retry repeats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from eggd.httpclient.content import Body
from eggd.httpclient.url import Url
from eggd.masking.secrets import is_secret_name

CheckAddress = Callable[[str, int, str], bool]
"""`check_address(address, family, hostname)`: whether a connection to this address may be opened;
`family` is 4 or 6 (process:SSRF-3)."""

_CREDENTIALS = frozenset(("authorization", "cookie", "host", "proxy-authorization"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of a request."""

    connect: float
    """Seconds until the connection is open."""
    head: float
    """Seconds until the head of the response, without a step forward of the request's body."""
    idle: float
    """Seconds without a byte of the response's body."""
    total: float
    """Seconds of the whole request, 0: unlimited."""
    deadline: float
    """The time of the loop at which `total` is over, 0: never."""
    size: int
    """Bytes of the response's body, 0: unlimited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request, complete."""

    method: str
    """The method in upper case."""
    url: Url
    """The URL."""
    fields: Mapping[str, str]
    """The header fields by name in lower case."""
    body: Body | None
    """The body, None for a request without."""
    limits: Limits
    """Its limits."""
    follows: bool = False
    """Whether a redirect is followed, so that its body is not needed."""
    streams: bool = False
    """Whether the response's body is read while it arrives."""
    decodes: bool = True
    """Whether a compressed body is decompressed."""
    digest: str = ""
    """`USER:PASSWORD` of Digest authentication, empty without."""
    proxy: str = ""
    """The URL of the proxy, "environment", or empty for a direct connection."""
    socket_path: str = ""
    """The Unix socket to connect to, empty for TCP."""
    check_address: CheckAddress | None = field(default=None, repr=False)
    """Decides about every address before it is connected to."""

    @property
    def subject(self) -> str:
        """Method and origin, for errors: paths may hold secrets."""
        return f"{self.method} {self.url.origin}"


def without_credentials(fields: Mapping[str, str]) -> dict[str, str]:
    """Returns the fields that may be sent to another origin: no cookies, tokens or keys."""
    return {
        name: value
        for name, value in fields.items()
        if name not in _CREDENTIALS and not is_secret_name(name)
    }
