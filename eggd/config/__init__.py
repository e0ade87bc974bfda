"""One tree of values, each with the file that set it.

measures.py  durations and sizes with a unit
limits.py    checks that a number is in the range of its field
scalars.py   the checks of single values
mapping.py   `ConfigDict` and `FrozenList`: keys as attributes, read-only once frozen
changes.py   a section with other values, for one request
section.py   `Section`: a declared section, which is a checked dataclass and a mapping
freeze.py    makes the tree read-only
lines.py     the line at which a file sets a key
origins.py   the file and line that set each key
merge.py     deep merge; `append` and `prepend` for lists
files.py     reads one file: its names, or the result of its `def config(app_info)`
credentials.py  secrets from systemd, files and environment variables
sources.py   the ordered files of all load units, then EGG_APP_CONFIG
config.py    `Config`: the tree, its declared sections by class, frozen after the config hooks

No module here knows an option by name: subsystems declare their sections beside their code.
"""

from eggd.config.changes import changed_options
from eggd.config.config import Config
from eggd.config.credentials import credential
from eggd.config.measures import Bytes, Seconds, seconds, size
from eggd.config.merge import append, prepend
from eggd.config.sources import AppInfo

__all__ = [
    "AppInfo",
    "Bytes",
    "Config",
    "Seconds",
    "append",
    "changed_options",
    "credential",
    "prepend",
    "seconds",
    "size",
]
