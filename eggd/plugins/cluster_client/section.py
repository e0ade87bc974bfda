"""The section `cluster_client` of the config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from eggd import Between, Bytes, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterClientConfig:
    """The limits of shared clients (process:CC-2)."""

    max_wait_time: Annotated[Seconds, Between(0.001, 3600)] = 30.0
    """Seconds that a worker waits for the leader in the agent. Less than `worker_start_timeout`,
    so that a start fails with the error that names the client."""
    response_timeout: Annotated[Seconds, Between(0.001, 86_400)] = 60.0
    """Seconds a shared method may take; then it is cancelled, and the caller gets an error."""
    max_size: Annotated[Bytes, Between(1, 16 << 20, hint="share large values as files")] = 1 << 20
    """The largest value, argument list or result in bytes of JSON."""
    max_subscriptions: Annotated[int, Between(1, 1_000_000)] = 10_000
    """Most keys that one client of a worker subscribes to or publishes."""
    max_invocations: Annotated[int, Between(1, 1_000_000)] = 1_000
    """Most calls of shared methods that one client of a worker waits for."""
