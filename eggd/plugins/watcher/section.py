"""The section `watcher` of the config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from eggd import Between, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherConfig:
    """The source of changes of files, and the limits of what is watched."""

    type: str = "inotify"
    """The event source of every environment: `inotify`; `polling` for file systems without events,
    such as NFS; `default`, which reports nothing; or a key of `event_sources`."""
    event_sources: Mapping[str, object] = field(default_factory=dict)
    """Further event sources by name: a subclass of `EventSource`, or the path of a file with one,
    relative to the app (process:WAT-2)."""
    debounce: Annotated[Seconds, Between(0, 60)] = 0.05
    """Seconds without events before changes are reported: an editor saves in several steps. After
    a second they are reported even if events go on."""
    polling_fallback: bool = True
    """Compare the files that the kernel refuses to watch, and those of file systems without events,
    every `poll_interval`; otherwise they are not watched."""
    poll_interval: Annotated[Seconds, Between(0.001, 86_400)] = 2.0
    """Seconds between two comparisons of polled files; more if a comparison takes long, so that the
    agent uses at most 5 % of a core for them."""
    max_paths: Annotated[int, Between(1, 1_000_000)] = 10_000
    """Paths that one process may watch; a directory counts as one."""
    max_files: Annotated[int, Between(1, 100_000_000)] = 500_000
    """Files and directories at and below all watched paths; the agent needs about 200 bytes of
    memory for each."""
    max_listeners: Annotated[int, Between(1, 1_000_000)] = 1000
    """Async listeners that run at once in a process; further changes wait in order."""
    max_waiting: Annotated[int, Between(1, 10_000_000)] = 100_000
    """Changes that may wait in a process; beyond it the newest are dropped, with one line in the
    log."""
    log_config: bool = True
    """Log each change of a file in the app's `config` directory."""
