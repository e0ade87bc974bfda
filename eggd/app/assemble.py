"""From a process to its app: frameworks, plugins, load units, the composed class, the instance.

The steps of loading are `BaseApplication.load_*`, in this order (core:LD-16):
plugin, config, extend, custom loader, boot files, service, middleware, controller, router.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from eggd.app.base import BaseApplication
from eggd.app.loading.host import Host, Units
from eggd.importer import observed
from eggd.loader.extend import compose, extend_envs, extend_files
from eggd.loader.frameworks import framework_class, framework_units
from eggd.loader.layout import misnamed, refuse_misplaced
from eggd.loader.metadata import chosen_framework
from eggd.loader.plugins import load_plugins
from eggd.loader.unit import LoadUnit
from eggd.messenger import Messenger, local_pair
from eggd.suite.variables import unread

A = TypeVar("A", bound=BaseApplication)


def assemble(base: type[A], host: Host, messenger: Messenger | None = None) -> A:
    """Returns the app of `host` as an instance of its framework's composed class.

    The config is not loaded yet. Without a messenger of its process, the app gets one without a
    peer, as `eggd check` needs. Raises PluginError, ConfigError, LoadError or ExtendError naming
    the file at fault.
    """
    chosen = framework_of(base, host)
    with observed(host.timing.require), host.timing.span("Load plugins", "load plugins"):
        units = load_units(chosen, host)
        envs = extend_envs(host.info.env, host.environ)
        composed = compose(
            chosen, chosen.type, extend_files(units.all, units.plugins.extends), envs
        )
    app: A = composed.cls(host, units, messenger or create_unconnected(base))
    app.note(composed.clashes)
    return app


def create_unconnected(base: type[BaseApplication]) -> Messenger:
    """Returns a messenger whose peer is never opened."""
    worker, agent = local_pair(lambda level, text: None)
    return agent if base.type == "agent" else worker


def framework_of(base: type[A], host: Host) -> type[A]:
    """Returns the class of an app's framework; raises LoadError or ConfigError."""
    return framework_class(base, chosen_framework(host.info.base_dir, host.environ))


def load_units(cls: type[BaseApplication], host: Host) -> Units:
    """Returns the load units of an app of a class; raises PluginError, ConfigError or LoadError."""
    app = LoadUnit(host.info.name, "app", host.info.base_dir)
    frameworks = framework_units(cls)
    plugins = load_plugins([*frameworks, app], host.info, host.environ, host.plugins)
    units = Units(plugins=plugins, frameworks=frameworks, app=app)
    refuse_misplaced(units.all)
    warnings = [*plugins.warnings, *misnamed(units.all, host.info), *unread(host.environ)]
    return replace(units, warnings=warnings)
