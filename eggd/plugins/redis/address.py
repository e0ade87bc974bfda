"""The address of a server: a URL, or HOST:PORT in a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

PORT = 6379
FORMS = "redis://HOST:PORT/DB, rediss://HOST:PORT/DB or unix:///PATH?db=DB"
"""The valid URLs, for errors."""

_NODE = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
_DATABASE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The parts of a URL; `path` is that of a Unix socket, "" for TCP."""

    host: str = "127.0.0.1"
    port: int = PORT
    path: str = ""
    tls: bool = False
    username: str | None = None
    password: str | None = None
    db: int | None = None

    @property
    def text(self) -> str:
        """The address for logs, without user and password."""
        return f"unix:{self.path}" if self.path else joined(self.host, self.port)


def parsed(url: str) -> Address:
    """Returns the parts of a URL; raises ValueError saying what is wrong, without the URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError(f"the scheme is {parts.scheme!r}")
    if parts.fragment:
        raise ValueError("'#' has no meaning; a password needs it as %23")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if parts.scheme == "unix":
        path = unquote(parts.path)
        if parts.hostname or not path.startswith("/"):
            raise ValueError("the path of the socket must be absolute")
        return Address(path=path, username=user, password=password, db=_database(parts.query))
    if parts.query:
        raise ValueError("options after '?' have no effect; set them as keys of the client")
    if parts.port == 0:
        raise ValueError("the port is 0")
    db = _number(parts.path.strip("/")) if parts.path.strip("/") else None
    host, port = parts.hostname or "127.0.0.1", parts.port or PORT
    tls = parts.scheme == "rediss"
    return Address(host=host, port=port, tls=tls, username=user, password=password, db=db)


def node(text: str, port: int) -> tuple[str, int]:
    """Returns host and port of HOST:PORT, by default `port`; raises ValueError."""
    match = _NODE.fullmatch(text)
    number = int(match[2] or port) if match else 0
    if match is None or not 0 < number < 1 << 16:
        raise ValueError(f"{text!r} is not HOST or HOST:PORT")
    return match[1].strip("[]"), number


def joined(host: str, port: int) -> str:
    """Returns HOST:PORT, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _database(query: str) -> int | None:
    options = parse_qs(query, keep_blank_values=True)
    if set(options) - {"db"}:
        raise ValueError("only db may follow '?'; set other options as keys of the client")
    return _number(options["db"][-1]) if options else None


def _number(text: str) -> int:
    if not _DATABASE.fullmatch(text):
        raise ValueError("the database is not a number")
    return int(text)
