"""`Agent`: the app's side in the one agent process: config, boots, messenger, loggers."""

from __future__ import annotations

from eggd.app.base import BaseApplication


class Agent(BaseApplication):
    """The object that boots in `agent.py` get; it serves no requests (core:LD-16)."""

    type = "agent"
    boot_file = "agent.py"
    application: BaseApplication
    """The application, if both are in one process (`eggd.start`, core:APP-12): set by
    `single.linked` before anything is loaded. An agent process does not have the attribute."""
