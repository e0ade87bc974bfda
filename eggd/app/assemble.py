"""From a process to its app: frameworks, plugins, units, the composed class, the instance.

The steps of loading are `BaseApplication.load_*`, in this order (core:LD-16):
plugin, config, extend, custom loader, boot files, service, middleware, controller, router.
"""

from __future__ import annotations

from typing import TypeVar

from eggd.app.base import BaseApplication, Host, Units
from eggd.loader.extend import compose_class
from eggd.loader.frameworks import framework_units
from eggd.loader.plugins import load_plugins
from eggd.loader.unit import LoadUnit

A = TypeVar("A", bound=BaseApplication)


def assemble(base: type[A], host: Host) -> A:
    """Return the app of `host` as an instance of `base`'s composed class, config not loaded yet.

    Raises PluginError, LoadError or ExtendError naming the file at fault.
    """
    app = LoadUnit(host.info.name, "app", host.info.base_dir)
    frameworks = framework_units(base)
    plugins = load_plugins([*frameworks, app], host.info, host.environ)
    units = Units(plugins=plugins, frameworks=frameworks, app=app)
    return compose_class(base, base.type, units.all, host.info.env)(host, units)
