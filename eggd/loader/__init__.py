"""The load units of an app, and what their files export.

metadata.py    the app's name, environment and framework
frameworks.py  the frameworks of an app, by its class hierarchy
declared.py    the plugins that the plugin files declare
place.py       the folder of a plugin and its plugin.toml
order.py       sorts plugins by their dependencies
plugins.py     `PluginTable`: the plugins that are loaded, in load order
unit.py        `LoadUnit`: a plugin, a framework or the app
layout.py      finds misplaced and misspelt files
tree.py        the files of a folder as a tree of members
exports.py     what a file exports
extend.py      composes classes with the extensions of all load units
"""

from eggd.loader.tree import Member, members
from eggd.loader.unit import LoadUnit, only_class

__all__ = ["LoadUnit", "Member", "members", "only_class"]
