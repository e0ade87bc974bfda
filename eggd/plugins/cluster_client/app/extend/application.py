"""`app.cluster`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar, Unpack

import eggd

if TYPE_CHECKING:  # an app without shared clients does not load them
    from eggd.plugins.cluster_client.followers import Followers
    from eggd.plugins.cluster_client.options import ClusterOptions
    from eggd.plugins.cluster_client.wrapper import ClientWrapper

P = ParamSpec("P")
C = TypeVar("C")


class Application(eggd.Application):
    """A worker's app with shared clients."""

    cluster_is_open = False
    """Whether followers may send: set in `did_load`."""
    _followers: Followers | None = None

    @property
    def cluster_is_used(self) -> bool:
        """Whether this worker has followers."""
        return self._followers is not None

    @property
    def cluster_clients(self) -> Followers:
        """The followers of this worker, made when they are needed."""
        if self._followers is None:
            self._followers = self._follow()
        return self._followers

    def _follow(self) -> Followers:
        from eggd.plugins.cluster_client.followers import Followers

        followers = Followers(self)
        if self.cluster_is_open:
            followers.start()
        return followers

    def cluster(
        self, cls: Callable[P, C], **options: Unpack[ClusterOptions]
    ) -> ClientWrapper[P, C]:
        """Returns the description of a client that `create(...)` shares (process:CC-17).

        `app.cluster(Registry).create(url)` is a follower, which asks the agent for everything.
        Raises EggError for an unknown option.
        """
        from eggd.plugins.cluster_client.wrapper import ClientWrapper

        return ClientWrapper(self.cluster_clients, cls, options, self.config.cluster_client)
