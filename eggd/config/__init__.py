"""config: one tree of values, each with the file that set it.

    node.py      a mapping whose keys are attributes, until it is frozen
    section.py   a dataclass is the schema: coerce, refuse unknown keys, name the bad one
    merge.py     deep merge; `append` and `prepend` for lists
    origins.py   the file, and with lines.py the line, that set each key
    files.py     one file: its names, or its `def config(app_info)`
    sources.py   the ordered files of all units, then EGG_APP_CONFIG
    config.py    `Config`: by attribute or typed, frozen after the config hooks

It knows no option by name: subsystems declare their sections beside their code.
"""

from eggd.config.config import Config
from eggd.config.merge import append, prepend
from eggd.config.section import Bytes, Seconds
from eggd.config.sources import AppInfo

__all__ = ["AppInfo", "Bytes", "Config", "Seconds", "append", "prepend"]
