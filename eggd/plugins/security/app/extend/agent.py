"""`safe_curl` of the agent."""

from __future__ import annotations

import eggd
from eggd.plugins.security.ssrf import SafeCurl


class Agent(SafeCurl, eggd.Agent):
    """An agent that can request URLs of visitors."""
