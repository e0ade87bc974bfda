"""The section `watcher` of the config."""

from __future__ import annotations

from dataclasses import dataclass

from eggd import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherConfig:
    """Whether and how patiently the config directory is watched."""

    enable: bool = True
    """Watch it."""
    debounce: Seconds = 0.5
    """Seconds of quiet after the last event before a change is told: editors save in steps."""
