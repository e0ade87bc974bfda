"""Makes a client of its options. Nothing connects before the first command."""

# The options are redis-py's own arguments, of several types.
# pyright: reportArgumentType=false, reportAssignmentType=false

from __future__ import annotations

from pathlib import Path

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from eggd import ConfigError
from eggd.plugins.redis.address import joined
from eggd.plugins.redis.observed import ObservedCluster, ObservedRedis, SentinelPool
from eggd.plugins.redis.target import Target


def open_client(target: Target, base_dir: Path) -> ObservedRedis | ObservedCluster:
    """Returns the client. Raises ConfigError for a missing file."""
    options = {**_plain(target), **_tls(target, base_dir)}
    options["max_connections"] = target.max_connections
    if target.cluster:
        return _cluster(target, options)
    # Seconds that a command waits for a free connection.
    options |= {"timeout": target.timeout, "db": target.address.db or 0}
    return ObservedRedis(connection_pool=_pool(target, options))


def _pool(target: Target, options: dict[str, object]) -> BlockingConnectionPool:
    address = target.address
    if target.sentinels:
        sentinel = Sentinel(target.sentinels, sentinel_kwargs=_sentinel(target))
        tls = {"ssl": True} if address.tls else {}
        return SentinelPool(target.master, sentinel, **options, **tls)
    if address.path:
        return BlockingConnectionPool(
            connection_class=UnixDomainSocketConnection, path=address.path, **options
        )
    kind = SSLConnection if address.tls else Connection
    return BlockingConnectionPool(
        connection_class=kind, host=address.host, port=address.port, **options
    )


def _cluster(target: Target, options: dict[str, object]) -> ObservedCluster:
    tls = {"connection_class": SSLConnection} if target.address.tls else {}
    nodes = [ClusterNode(host, port, **options, **tls) for host, port in target.cluster[1:]]
    scheme = "rediss" if target.address.tls else "redis"
    url = f"{scheme}://{joined(*target.cluster[0])}"
    client: ObservedCluster = ObservedCluster.from_url(url, startup_nodes=nodes, **options)
    return client


def _plain(target: Target) -> dict[str, object]:
    return {
        "username": target.address.username,
        "password": target.address.password,
        "socket_timeout": target.timeout,
        "socket_connect_timeout": target.connect_timeout,
        "decode_responses": target.decode_responses,
    }


def _sentinel(target: Target) -> dict[str, object]:
    return {
        "username": target.sentinel_username,
        "password": target.sentinel_password,
        "socket_timeout": target.timeout,
        "socket_connect_timeout": target.connect_timeout,
        # The default of redis-py 6 waits seconds for a sentinel that is down; the next one may run.
        "retry": Retry(NoBackoff(), 0),
    }


def _tls(target: Target, base_dir: Path) -> dict[str, object]:
    """Returns the options of TLS; the name of the server is always checked."""
    if not target.address.tls:
        return {}
    names = {"tls_ca": "ssl_ca_certs", "tls_cert": "ssl_certfile", "tls_key": "ssl_keyfile"}
    files = {key: getattr(target, key) for key in names if getattr(target, key)}
    for key, name in files.items():
        if not (base_dir / name).is_file():
            where = f"redis.clients.{target.name}.{key}"
            raise ConfigError(f"{where}: the file {name!r} does not exist", keys=[where])
    paths = {names[key]: str(base_dir / name) for key, name in files.items()}
    return {"ssl_check_hostname": True, "ssl_cert_reqs": "required", **paths}
