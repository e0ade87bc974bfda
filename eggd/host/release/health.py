"""Asks a URL of the application, as `eggd deploy` does to decide whether a release serves.

TLS is not verified: the request stays on this host, and the certificate is for another name.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from eggd.wire.proxy_header import LOCAL_HEADER

SECONDS = 5.0
"""Seconds for one answer."""

_BODY = 1 << 16


@dataclass(frozen=True, slots=True)
class Address:
    """The address of an application, or of its spare."""

    where: str | tuple[str, int]
    """The path of a Unix socket, or host and port."""
    tls: bool
    proxied: bool = False
    """Whether connections begin with a PROXY header."""

    @classmethod
    def of_url(cls, url: str, *, proxied: bool = False) -> Address:
        """Returns the address of a suite's URL, or of the path of its Unix socket."""
        if url.startswith("/"):
            return cls(url, False, proxied)
        parts = urlsplit(url)
        where = parts.hostname or "127.0.0.1", parts.port or 80
        return cls(where, parts.scheme == "https", proxied)

    @classmethod
    def of_socket(cls, path: Path, scheme: str) -> Address:
        """Returns the address of a Unix socket, where `scheme` is http or https."""
        return cls(str(path), tls=scheme == "https")


@dataclass(frozen=True, slots=True)
class Check:
    """A path, and which answers to it mean that the application is healthy."""

    path: str = "/"
    strict: bool = False
    """Whether only 2xx and 3xx do; otherwise each status below 500, since not every application
    serves `/`."""

    def ask(self, address: Address) -> str:
        """Asks once, on a new connection; returns "" if it is healthy, else why not."""
        try:
            status = _status(address, self.path)
        except TimeoutError:
            return f"GET {self.path} was not answered within {SECONDS:g} s"
        except (OSError, http.client.HTTPException) as exc:
            return f"GET {self.path} failed: {getattr(exc, 'strerror', None) or exc!r}"
        healthy = 200 <= status < (400 if self.strict else 500)
        return "" if healthy else f"GET {self.path} answers {status}"


def is_url_path(text: str) -> bool:
    """Returns whether a text is a path, perhaps with a query, that a request line can have."""
    return text.startswith("/") and text.isascii() and text.isprintable() and " " not in text


def _status(address: Address, path: str) -> int:
    connection = http.client.HTTPConnection("localhost", timeout=SECONDS)
    connection.sock = _connect(address)
    try:
        connection.request("GET", path, headers={"Connection": "close", "User-Agent": "eggd"})
        answer = connection.getresponse()
        answer.read(_BODY)
        return answer.status
    finally:
        connection.close()


def _connect(address: Address) -> socket.socket:
    if isinstance(address.where, str):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(SECONDS)
        sock.connect(address.where)
    else:
        sock = socket.create_connection(address.where, timeout=SECONDS)
    if address.proxied:
        sock.sendall(LOCAL_HEADER)
    if not address.tls:
        return sock
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(sock)
