"""The dump of a start's timing: `{type}_timing_{slot}.json`, replaced by the slot's next start."""

from __future__ import annotations

from pathlib import Path

from eggd.app.base import BaseApplication
from eggd.app.config import DumpConfig
from eggd.app.loading.dump import write
from eggd.errors import ConfigError


def dump_timing(app: BaseApplication) -> None:
    """Ends the timing, writes it, and names each slow step in a warning (core:DUMP-10, DUMP-11).

    What cannot be written is a warning, never an error (core:DUMP-8). A start that was given up
    has items without an end: those that it was waiting for (core:DUMP-12).
    """
    timing = app.timing
    timing.stop()
    folder = Path(app.config.get("rundir") or app.rundir)
    file = folder / f"{app.type}_timing_{app.host.slot}.json"
    try:
        write(file, timing.records())
    except OSError as exc:
        app.core_logger.warning("[egg] the timing of the start cannot be written: %s", exc)
    for line in timing.timeline():
        app.core_logger.debug("%s", line)
    for line in timing.slow(_slow(app)):
        app.core_logger.warning("%s", line)


def _slow(app: BaseApplication) -> float:
    try:
        section: DumpConfig = app.config[DumpConfig]
    except ConfigError:  # at which this start failed
        section = DumpConfig()
    return section.timing.slow_boot_action_min_duration
