"""plugins: the built-in ones; this table is their order of load.

Each is a folder laid out as a user's plugin: `app.py` and `agent.py` with a boot class, and
`section.py` with its typed section of the config, whose defaults are the plugin's defaults. They
import only the door `eggd` and their own folder.
"""

from __future__ import annotations

from pathlib import Path

from eggd.loader import LoadUnit
from eggd.plugins.logrotator.section import LogrotatorConfig
from eggd.plugins.watcher.section import WatcherConfig

_SECTIONS: dict[str, type] = {
    "watcher": WatcherConfig,
    "logrotator": LogrotatorConfig,
}


def builtin() -> list[tuple[LoadUnit, type | None]]:
    """Return the built-in plugins in load order, each with its typed section."""
    here = Path(__file__).parent
    return [
        (LoadUnit(name, "plugin", here / name), section) for name, section in _SECTIONS.items()
    ]
