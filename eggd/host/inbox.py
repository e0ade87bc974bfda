"""Checks that the agent's inbox is still the one that its service manager holds."""

from __future__ import annotations

import json
from pathlib import Path

from eggd.smallfile import read_own
from eggd.suite.files import INBOX_SOCKET, STATUS


def inbox_lost(rundir: Path) -> bool:
    """Whether the inbox's path does not exist, or the agent reports a problem with it."""
    return not (rundir / INBOX_SOCKET).exists() or bool(_problem(rundir / STATUS))


def _problem(path: Path) -> object:
    try:
        return json.loads(read_own(path))["agent"].get("problem")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
