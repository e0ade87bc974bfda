"""The section `schedule` of the config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleConfig:
    """The folders of jobs besides `app/schedule`, and the server that hosts share."""

    directory: Sequence[str] = ()
    """More folders with files of jobs; relative to the app's folder, or absolute."""
    cluster: str = ""
    """The name of the client of plugin redis that jobs of type `cluster` use; empty: the app has no
    such jobs."""
