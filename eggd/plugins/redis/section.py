"""The section `redis` of the config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from eggd import Between, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisClientOptions:
    """One client; None is the value of `redis.default`, and there the value that is named.

    The address is one of `url`, `sentinels` with `master`, and `cluster`.
    """

    url: str | None = None
    """`redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss://` with TLS, or `unix:///PATH[?db=DB]`.
    Default: redis://127.0.0.1:6379/0."""
    sentinels: Sequence[str] | None = None
    """The sentinels, each HOST or HOST:PORT (default port 26379), which name the master."""
    master: str | None = None
    """The name of the master that the sentinels watch."""
    cluster: Sequence[str] | None = None
    """Nodes of a cluster, each HOST or HOST:PORT (default port 6379), which name all others."""
    username: str | None = None
    """The user of the server's ACL, unless it is in the URL. Default: the server's `default`."""
    password: str | None = None
    """The password, unless it is in the URL; see `credential(NAME)`. Default: no password."""
    sentinel_username: str | None = None
    """The user of the ACL of the sentinels. Default: their `default`."""
    sentinel_password: str | None = None
    """The password of the sentinels. Default: no password."""
    db: Annotated[int, Between(0, 1_000_000)] | None = None
    """The number of the database, unless it is in the URL; not for a cluster. Default: 0."""
    tls: bool | None = None
    """Whether connections to master or cluster are encrypted; for a URL `rediss://`. Default:
    False."""
    tls_ca: str | None = None
    """A file of certificates (PEM) of authorities, relative to the app's folder. Default: those of
    the system."""
    tls_cert: str | None = None
    """A file with the certificate (PEM) of this client, if the server asks for one."""
    tls_key: str | None = None
    """The file with its private key (PEM)."""
    connect_timeout: Annotated[Seconds, Between(0.001, 600)] | None = None
    """Seconds to connect. Default: 2."""
    timeout: Annotated[Seconds, Between(0.001, 600)] | None = None
    """Seconds to wait for an answer, and for a free connection. Default: 2."""
    max_connections: Annotated[int, Between(1, 65_535)] | None = None
    """Connections of one process, 1 or more; of a cluster: to each node. Default: 16."""
    required: bool | None = None
    """Whether the start fails while the server cannot be reached. Default: True."""
    replicas: Annotated[int, Between(0, 100)] | None = None
    """Replicas that have a session before its answer is sent; not for a cluster. Default: 0."""
    decode_responses: bool | None = None
    """Whether answers are text (UTF-8) instead of bytes. Default: True."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisConfig:
    """The clients of `app.redis`."""

    clients: dict[str, RedisClientOptions] = field(default_factory=dict)
    """The clients by name: `app.redis.get(NAME)`."""
    default: RedisClientOptions = field(default_factory=RedisClientOptions)
    """The options of every client that does not have its own."""
