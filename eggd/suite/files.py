"""The names of the files in the runtime directory."""

from __future__ import annotations

INBOX_SOCKET = "agent.sock"
STATUS = "status.json"
AGENT_IDENTITY = "agent.app"
HEALTH_SOCKET = "health.sock"
TRIAL_SOCKET = "trial.sock"
"""The socket of the spare while `eggd deploy` tries a release in it."""
METRICS_SOCKET = "metrics.sock"
DRAIN = "drain"
"""Makes `/ready` answer 503 while `eggd deploy --drain` runs (eggd/host/drain.py)."""


def identity_file(slot: int) -> str:
    """Returns the name of the file with the application of a worker."""
    return f"worker-{slot}.app"


def boot_file(slot: int) -> str:
    """Returns the name of the file that counts a slot's failed boots."""
    return f"worker-{slot}.boot"


def end_file(slot: int) -> str:
    """Returns the name of the file in which a worker writes why it ends."""
    return f"worker-{slot}.end"


def exit_file(slot: int) -> str:
    """Returns the name of the file with the unclean end of a worker."""
    return f"worker-{slot}.exit"
