"""The worker's part: followers."""

from __future__ import annotations

from eggd import Boot


class ClusterClientApp(Boot):
    """Asks for the leaders of the clients that were created, before other hooks wait for them."""

    async def did_load(self) -> None:
        """Begins to send: the messenger is open now."""
        self.app.cluster_is_open = True
        if self.app.cluster_is_used:
            self.app.cluster_clients.start()
