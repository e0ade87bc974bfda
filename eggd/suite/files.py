"""The names of the files in the runtime directory."""

from __future__ import annotations

INBOX_SOCKET = "agent.sock"
STATUS = "status.json"
AGENT_IDENTITY = "agent.app"


def identity_file(slot: int) -> str:
    """Returns the name of the file with the application of a worker."""
    return f"worker-{slot}.app"


def boot_file(slot: int) -> str:
    """Returns the name of the file that counts a slot's failed boots."""
    return f"worker-{slot}.boot"
