"""A worker sends and receives by its agent."""

from __future__ import annotations

from eggd import Boot
from eggd.plugins.fleet.client import check_client


class FleetApp(Boot):
    """Opens `messenger.cluster`."""

    def config_did_load(self) -> None:
        """Opens `messenger.cluster`, so that later hooks can add handlers.

        Raises ConfigError for a client that cannot be used.
        """
        check_client(self.app)
        host, slot = self.app.config.cluster.host_name, self.app.host.slot
        self.app.messenger.cluster.open(host, "worker", slot, self.app.config.fleet.max_size)
