"""The agent's part: leaders."""

from __future__ import annotations

from eggd import Agent, Boot


class ClusterClientAgent(Boot[Agent]):
    """Answers workers, and makes the clients ready that were created."""

    async def did_load(self) -> None:
        """Begins to send: the messenger is open now."""
        self.app.cluster_clients.start()
