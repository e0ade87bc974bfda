"""The `cluster` section: the listener, the replacement of used workers, health checks, metrics."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from typing import Annotated

from eggd.config.measures import Bytes, Seconds
from eggd.errors import ConfigError
from eggd.ranges import Between
from eggd.suite import address
from eggd.suite.slots import LAST_SLOT

_OTHER = r"[^A-Za-z0-9._-]"
_HOST = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenConfig:
    """The address that the app expects; the open address is set in egg.socket."""

    port: Annotated[int, Between(0, 65_535)] = 7001
    """TCP port."""
    hostname: str = ""
    """Address; empty means every address."""
    path: str = ""
    """Path of a Unix socket, which takes precedence over the port; empty means TCP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsConfig:
    """The files of the worker's certificate, unless systemd passes one (process:CL-44)."""

    cert: str = ""
    """PEM file of the certificate and those that lead to its root; relative to the app's folder.
    Empty, with an empty `key`, means HTTP."""
    key: str = ""
    """PEM file of its private key, without a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecycleConfig:
    """Limits at which a worker drains and is started anew; 0 turns a limit off.

    They are checked at each tick of the watchdog (every 5 s). Only one worker is replaced at a
    time: the agent grants the turns.
    """

    max_requests: Annotated[int, Between(0, 1_000_000_000)] = 0
    """Requests that a worker answers before it is replaced."""
    max_age: Annotated[Seconds, Between(0, 365 * 86_400)] = 0.0
    """Seconds that a worker serves before it is replaced."""
    max_memory: Annotated[Bytes, Between(0, 1 << 44)] = 0
    """Resident memory in bytes (RSS) at which a worker is replaced."""
    jitter: Annotated[float, Between(0, 1)] = 0.1
    """Share of `max_requests` and `max_age` up to which each worker's limit is higher by chance,
    0 to 1, so that workers started together do not reach it together."""
    memory_ceiling: Annotated[Bytes, Between(0, 1 << 44)] = 0
    """Resident memory in bytes at which a worker is replaced without a turn while the agent does
    not answer; 0 means twice `max_memory`."""

    def __post_init__(self) -> None:
        """Refuses a ceiling below the limit."""
        if self.memory_ceiling and self.memory_ceiling < self.max_memory:
            raise ConfigError(
                "cluster.recycle.memory_ceiling must be max_memory or more"
                f" ({self.max_memory}), not {self.memory_ceiling}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthConfig:
    """The addresses `/live` and `/ready` of the agent, and its warnings of missing workers."""

    enable: bool = True
    """Whether the agent answers health checks."""
    listen: str = ""
    """`[ADDRESS:]PORT`, or `unix:PATH`; empty means `health.sock` in the runtime directory."""
    min_ready: Annotated[int, Between(1, LAST_SLOT)] = 1
    """Ready workers from which `/ready` answers 200."""
    missing_after: Annotated[Seconds, Between(0, 86_400)] = 60.0
    """Seconds after which the agent warns of an enabled worker that is not ready."""

    def __post_init__(self) -> None:
        """Refuses an address on which no process can listen."""
        _check_address("cluster.health.listen", self.listen)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsConfig:
    """The address `/metrics` of the agent."""

    enable: bool = True
    """Whether the agent publishes metrics."""
    listen: str = ""
    """`[ADDRESS:]PORT`, or `unix:PATH`; empty means `metrics.sock` in the runtime directory."""

    def __post_init__(self) -> None:
        """Refuses an address on which no process can listen."""
        _check_address("cluster.metrics.listen", self.listen)


def _check_address(key: str, listen: str) -> None:
    """Raises ConfigError for an address on which no process can listen; "" is the default."""
    try:
        if listen:
            address.parse(listen)
    except ValueError as exc:
        raise ConfigError(
            f"{key}: {listen!r}: {exc}",
            hint="use [ADDRESS:]PORT or unix:PATH, such as 127.0.0.1:7002",
        ) from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """The `cluster` section (process:CL-40)."""

    host: str = ""
    """The name of this host among those that run the application together, at most 64 letters,
    digits, `.`, `_` or `-`; unique among them. Empty means the host name of the machine."""
    listen: ListenConfig = field(default_factory=ListenConfig)
    """Checked against the inherited listener when the app sets it; a difference is an error."""
    https: HttpsConfig = field(default_factory=HttpsConfig)
    """TLS on that listener."""
    recycle: RecycleConfig = field(default_factory=RecycleConfig)
    """When workers are replaced."""
    health: HealthConfig = field(default_factory=HealthConfig)
    """Health checks by load balancers and monitoring."""
    metrics: MetricsConfig = field(default_factory=MetricsConfig)
    """Figures for Prometheus."""

    def __post_init__(self) -> None:
        """Refuses a name of the host with other characters."""
        if self.host and _HOST.fullmatch(self.host) is None:
            raise ConfigError(
                f"cluster.host: {self.host!r} is not a name of a host",
                hint="use at most 64 letters, digits, '.', '_' or '-'",
            )

    @property
    def host_name(self) -> str:
        """The name of this host: `host`, else that of the machine with other characters as `-`."""
        return self.host or re.sub(_OTHER, "-", socket.gethostname())[:64] or "localhost"
