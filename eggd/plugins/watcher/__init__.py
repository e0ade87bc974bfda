"""Built-in plugin watcher: reports changes of files to the agent and to every worker.

Only the agent watches; workers subscribe to it by messages. It also logs each change of the app's
config files, and does not reload: the operator decides when a server runs a changed config.

agent.py        makes `agent.watcher`, and logs changed config files
app.py          makes `app.watcher`
section.py      the section `watcher` of the config
watcher.py      `Watcher`: what `app.watcher` and `agent.watcher` have in common
worker.py       `app.watcher`: subscribes at the agent
hub.py          `agent.watcher`: which process gets which change
path_table.py   finds what was registered for a path, or for one above it
delivery.py     calls listeners, some in each turn of the loop
source.py       `EventSource`: where changes come from
built_in.py     the event sources "inotify", "polling" and "default"
custom.py       finds the event source of the config
"""

from __future__ import annotations

from eggd.plugins.watcher.source import EventSource
from eggd.plugins.watcher.watcher import Watcher

__all__ = ["EventSource", "Watcher"]
