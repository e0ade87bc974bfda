"""`Agent`: the app's side in the one agent process: config, boots, messenger, loggers."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from eggd.app.base import BaseApplication
from eggd.app.loaded_files import LoadedFiles
from eggd.app.timers import Timers


class Agent(BaseApplication):
    """The object that boots in `agent.py` get; it serves no requests (core:LD-16)."""

    type = "agent"
    boot_file = "agent.py"
    application: BaseApplication
    """The application, if both are in one process (`eggd.start`, core:APP-12): set by
    `single.linked` before anything is loaded. An agent process does not have the attribute."""

    @cached_property
    def loaded_files(self) -> LoadedFiles:
        """The files that this agent loads: a ready agent reports those that have changed since. A
        plugin adds its own by `loaded_files.add(folder, glob)` before it loads them."""
        return LoadedFiles()

    @cached_property
    def job_runs(self) -> Counter[tuple[str, str]]:
        """The ended runs of scheduled jobs since the start, by key of the job and result
        ("success" or "failure"), for metrics."""
        return Counter()

    @cached_property
    def timers(self) -> Timers:
        """Timers for work of the one agent, such as schedules and log rotation."""
        return Timers()

    async def _close(self) -> None:
        await super()._close()
        self.timers.close()
