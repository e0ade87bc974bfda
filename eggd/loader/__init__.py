"""loader: folders become namespaces, files become modules; functions on `LoadUnit`s.

unit.py      `LoadUnit`: plugin, framework or app, in load order
tree.py      a folder's files as dotted members, sorted, private ones skipped
metadata.py  the app's name and options from its pyproject.toml
"""

from eggd.loader.tree import Member, members
from eggd.loader.unit import LoadUnit, only_class

__all__ = ["LoadUnit", "Member", "members", "only_class"]
