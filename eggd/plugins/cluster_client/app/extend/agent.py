"""`agent.cluster`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, Unpack

import eggd
from eggd.plugins.cluster_client.leaders import Leaders
from eggd.plugins.cluster_client.options import ClusterOptions
from eggd.plugins.cluster_client.wrapper import ClientWrapper

P = ParamSpec("P")
C = TypeVar("C")


class Agent(eggd.Agent):
    """An agent with shared clients."""

    _leaders: Leaders | None = None

    @property
    def cluster_clients(self) -> Leaders:
        """The leaders of this agent."""
        if self._leaders is None:
            self._leaders = Leaders(self)
        return self._leaders

    def cluster(
        self, cls: Callable[P, C], **options: Unpack[ClusterOptions]
    ) -> ClientWrapper[P, C]:
        """Returns the description of a client that `create(...)` shares (process:CC-17).

        `app.cluster(Registry).create(url)` makes the only `Registry(url)`, which all workers use.
        Raises EggError for an unknown option.
        """
        return ClientWrapper(self.cluster_clients, cls, options, self.config.cluster_client)
