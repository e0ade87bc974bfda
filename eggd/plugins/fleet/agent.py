"""The agent passes the messages of its host to the engine and back."""

from __future__ import annotations

from typing import cast

from eggd import Agent, Boot
from eggd.plugins.fleet.client import check_client
from eggd.plugins.fleet.engine import Client
from eggd.plugins.fleet.hub import Hub


class FleetAgent(Boot[Agent]):
    """Makes the hub, unless the app is only checked or tested."""

    _hub: Hub | None = None
    """None before `did_load`."""

    def config_did_load(self) -> None:
        """Opens `messenger.cluster`, so that later hooks can add handlers.

        Raises ConfigError for a client that cannot be used.
        """
        check_client(self.app)
        host = self.app.config.cluster.host_name
        self.app.messenger.cluster.open(host, "agent", 0, self.app.config.fleet.max_size)

    async def did_load(self) -> None:
        """Takes messages of the workers."""
        options = self.app.config.fleet
        client = cast("Client", self.app.redis.any(options.redis))
        self._hub = Hub(self.app, options, client)
        self._hub.listen()

    async def server_did_ready(self) -> None:
        """Begins to read from the engine: the handlers of all processes are there."""
        if self._hub is not None:
            self._hub.start()

    async def before_close(self) -> None:
        """Ends the hub."""
        if self._hub is not None:
            self._hub.close()
