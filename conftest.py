"""The fixtures that eggd gives to tests of apps, for our own tests and those of the examples."""

from importlib.metadata import entry_points

_INSTALLED = any(point.name == "eggd" for point in entry_points(group="pytest11"))

pytest_plugins = ["pytester", *([] if _INSTALLED else ["eggd.testing.pytest_plugin"])]
