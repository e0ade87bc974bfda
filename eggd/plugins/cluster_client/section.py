"""The section `cluster_client` of the config."""

from __future__ import annotations

from dataclasses import dataclass

from eggd import Bytes, ConfigError, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterClientConfig:
    """The limits of shared clients (process:CC-2)."""

    max_wait_time: Seconds = 30.0
    """Seconds that a worker waits for the leader in the agent. Less than `worker_start_timeout`,
    so that a start fails with the error that names the client."""
    response_timeout: Seconds = 60.0
    """Seconds a shared method may take; then it is cancelled, and the caller gets an error."""
    max_size: Bytes = 1 << 20
    """The largest value, argument list or result in bytes of JSON."""
    max_subscriptions: int = 10_000
    """Most keys that one client of a worker subscribes to or publishes."""
    max_invocations: int = 1_000
    """Most calls of shared methods that one client of a worker waits for."""

    def __post_init__(self) -> None:
        for name in ("max_wait_time", "response_timeout", "max_size"):
            _positive(name, getattr(self, name))
        for name in ("max_subscriptions", "max_invocations"):
            _positive(name, getattr(self, name))
        if self.max_size > 16 << 20:
            raise ConfigError(
                f"cluster_client.max_size: must be at most 16 MiB, not {self.max_size}",
                hint="share large values as files",
                keys=["cluster_client.max_size"],
            )


def _positive(name: str, value: float) -> None:
    if value <= 0:
        raise ConfigError(
            f"cluster_client.{name}: must be above 0, not {value!r}",
            keys=[f"cluster_client.{name}"],
        )
