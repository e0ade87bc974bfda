"""The section `watcher` of the config."""

from __future__ import annotations

from dataclasses import dataclass

from eggd import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherConfig:
    """Whether the config directory is watched, and how soon a change is reported."""

    enable: bool = True
    """Watch the directory."""
    debounce: Seconds = 0.5
    """Seconds without events before a change is reported: an editor saves in several steps."""
