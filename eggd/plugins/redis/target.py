"""The options of one client: its own over those of `redis.default`, complete and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from eggd import ConfigError
from eggd.plugins.redis.address import FORMS, PORT, Address, joined, node, parsed
from eggd.plugins.redis.section import RedisClientOptions, RedisConfig

SENTINEL_PORT = 26379
"""The port of a sentinel."""

Node = tuple[str, int]
"""Host and port."""

_ADDRESSES = ("url", "sentinels", "cluster")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One client with all its options (`RedisClientOptions`)."""

    name: str
    address: Address
    """With user, password and database also where the server is named by sentinels or a cluster."""
    sentinels: Sequence[Node] = ()
    master: str = ""
    cluster: Sequence[Node] = ()
    sentinel_username: str | None = None
    sentinel_password: str | None = None
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    connect_timeout: float = 2.0
    timeout: float = 2.0
    max_connections: int = 16
    required: bool = True
    replicas: int = 0
    decode_responses: bool = True

    @property
    def place(self) -> str:
        """The address for logs and errors, without secrets."""
        if self.sentinels:
            return f"master {self.master!r} of sentinels {_listed(self.sentinels)}"
        return f"cluster {_listed(self.cluster)}" if self.cluster else self.address.text


def target(name: str, config: RedisConfig) -> Target:
    """Returns the options of the client `name`. Raises ConfigError naming the key."""
    return _Builder(name, config).build()


class _Builder:
    """Merges and checks the options of one client."""

    def __init__(self, name: str, config: RedisConfig) -> None:
        self._name = name
        self._config = config
        own, default = config.clients[name], config.default
        names = [each.name for each in fields(RedisClientOptions)]
        # An address replaces that of the default, whatever its kind.
        has_address = any(getattr(own, key) is not None for key in _ADDRESSES)
        inherited = [key for key in names if not (has_address and key in (*_ADDRESSES, "master"))]
        self._options: dict[str, Any] = {
            key: getattr(own, key) for key in names if getattr(own, key) is not None
        }
        for key in inherited:
            if key not in self._options and getattr(default, key) is not None:
                self._options[key] = getattr(default, key)

    def build(self) -> Target:
        if not self._name:
            raise ConfigError("redis.clients: '' is not a name", keys=["redis.clients"])
        self._check_address()
        given = self._options
        address = self._address()
        plain = {each.name for each in fields(Target)} - {"name", "address", *_ADDRESSES}
        return Target(
            name=self._name,
            address=address,
            sentinels=self._nodes("sentinels", SENTINEL_PORT),
            cluster=self._nodes("cluster", PORT),
            **{key: value for key, value in given.items() if key in plain},
        )

    def _check_address(self) -> None:
        given = [key for key in _ADDRESSES if key in self._options]
        if len(given) > 1:
            raise self._error(given[1], f"cannot be set beside {given[0]}", "keep one of them")
        for key, other in (("sentinels", "master"), ("master", "sentinels")):
            if key in self._options and not self._options.get(other):
                raise self._error(key, f"needs {other}", f"set {self._key(other)}")
        for key in ("db", "replicas") if "cluster" in self._options else ():
            if self._options.get(key):
                raise self._error(key, "has no meaning in a cluster", "remove it")
        if "url" in self._options and "tls" in self._options:
            raise self._error("tls", "has no meaning beside url", "write the URL with rediss://")
        has_tls = self._options.get("tls") or self._options.get("url", "").startswith("rediss:")
        own = self._config.clients[self._name]
        for key in () if has_tls else ("tls_ca", "tls_cert", "tls_key"):
            if getattr(own, key) is not None:
                raise self._error(key, "has no effect without TLS", "use rediss://, or tls = True")
        if ("tls_cert" in self._options) != ("tls_key" in self._options):
            key = "tls_cert" if "tls_cert" in self._options else "tls_key"
            raise self._error(key, "needs both tls_cert and tls_key")

    def _address(self) -> Address:
        given = self._options
        try:
            address = parsed(given["url"]) if "url" in given else Address()
        except ValueError as exc:
            raise self._error("url", str(exc), FORMS) from None
        for key in ("username", "password", "db"):
            if key in given and getattr(address, key) is not None:
                raise self._error(key, "is in the URL, too", "keep one of them")
        own = {key: given[key] for key in ("username", "password", "db", "tls") if key in given}
        return replace(address, **own)

    def _nodes(self, key: str, port: int) -> Sequence[Node]:
        texts = self._options.get(key, ())
        if key in self._options and not texts:
            raise self._error(key, "is empty", "name at least one as HOST:PORT")
        try:
            return [node(text, port) for text in texts]
        except ValueError as exc:
            raise self._error(key, str(exc), f"such as 10.0.0.5:{port}") from None

    def _key(self, key: str) -> str:
        """Returns the dotted key: that of the client, or of the default that it inherits."""
        own = getattr(self._config.clients[self._name], key) is not None
        inherited = not own and getattr(self._config.default, key) is not None
        return f"redis.default.{key}" if inherited else f"redis.clients.{self._name}.{key}"

    def _error(self, key: str, text: str, hint: str = "") -> ConfigError:
        return ConfigError(f"{self._key(key)}: {text}", hint=hint, keys=[self._key(key)])


def _listed(nodes: Sequence[Node]) -> str:
    return ", ".join(joined(*each) for each in nodes)
